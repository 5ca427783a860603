using System.Buffers.Binary;

namespace LoraRecycle.Core.Imaging.Formats.Png;

/// <summary>PNG of every colour type and depth, interlaced or not; of an animated one, the picture that every viewer shows.</summary>
internal sealed class PngPicture() : PictureFormat("PNG")
{
    private const int PaletteColour = 3;
    private const int HeaderBytes = 13;
    private const int PaletteBytes = 256 * 3;
    private const int NarrowestInterlaced = 5;

    public override bool Recognises(ReadOnlySpan<byte> encoded) => encoded.StartsWith(PngChunk.Signature);

    public override ImageHeader ReadHeader(ReadOnlySpan<byte> encoded)
    {
        var chunks = new PngChunks(encoded);
        var header = chunks.Next() && chunks.Is("IHDR"u8) ? ReadFields(chunks.Data) : throw BadHeader("a PNG that does not start with one");
        while (chunks.Next())
        {
            if (chunks.Is("eXIf"u8))
                header = header with { Orientation = ExifOrientation.Read(chunks.Data) };
            else if (chunks.Is("tRNS"u8))
                header = header with { HasAlpha = true };
        }
        return header;
    }

    public override DecodedImage Decode(ReadOnlySpan<byte> encoded, ImageHeader header, PictureCodec codec)
    {
        // The codec loses count where a pass has no column.
        if (header.Interlaced && header.Width < NarrowestInterlaced)
            throw NotRead($"an interlaced PNG narrower than {NarrowestInterlaced} pixels");
        var needed = Needed(encoded, header, out var ends);
        // Of an interlaced picture that is cut short the codec never comes to an end.
        var isCounted = header.Interlaced || !ends;
        if (isCounted)
            RefuseUnlessWhole(encoded, header);
        var image = Decode(codec, needed, header);
        // Of any other it leaves the missing rows as they were: black. Where the last one is not, it was there.
        if (!isCounted && !ShowsItsLastRow(image, header))
            RefuseUnlessWhole(encoded, header);
        return image;
    }

    private static bool ShowsItsLastRow(DecodedImage image, ImageHeader header) =>
        header.Orientation == ExifOrientation.Upright
        && image.Pixels.AsSpan(^(header.Width * DecodedImage.Channels)..).ContainsAnyExcept((byte)0);

    private static void RefuseUnlessWhole(ReadOnlySpan<byte> encoded, ImageHeader header)
    {
        var pixels = new MemoryStream();
        var chunks = new PngChunks(encoded);
        while (chunks.Next())
        {
            if (chunks.Is("IDAT"u8))
                pixels.Write(chunks.Data);
        }
        pixels.Position = 0;
        var rows = PngRows.Of(header, BitsPerPixel(encoded));
        if (rows.CountWhole(pixels) is var whole && whole < rows.Count)
            throw Cut(header, $"data that decodes to only {whole} rows");
    }

    /// <summary>
    /// The file without what the pixels do not need, so that nothing else is inflated or believed: text, profiles,
    /// transparency. The palette is filled up, because the codec looks up whatever an interlaced picture asks for.
    /// </summary>
    /// <param name="encoded">The file.</param>
    /// <param name="header">Its header.</param>
    /// <param name="ends">Whether the end marker is there.</param>
    private static ReadOnlySpan<byte> Needed(ReadOnlySpan<byte> encoded, ImageHeader header, out bool ends)
    {
        var needed = new MemoryStream(encoded.Length + PaletteBytes);
        needed.Write(PngChunk.Signature);
        var (hasPalette, hasData, isPastData) = (false, false, false);
        var chunks = new PngChunks(encoded);
        while (chunks.Next())
        {
            isPastData |= hasData && !chunks.Is("IDAT"u8);
            if (chunks.Is("IDAT"u8))
            {
                hasData = true;
                needed.Write(isPastData ? throw Cut(header, "image data interrupted by other chunks") : chunks.Whole);
            }
            else if (chunks.Is("IHDR"u8))
                needed.Write(needed.Length > PngChunk.Signature.Length ? throw Cut(header, "two headers") : chunks.Whole);
            else if (chunks.Is("PLTE"u8) && !hasData)
            {
                hasPalette = true;
                PngChunk.Write(needed, "PLTE"u8, FullPalette(chunks.Data, header));
            }
        }
        ends = chunks.IsEnd;
        if (!hasPalette && encoded[ColourTypeAt] == PaletteColour)
            throw Cut(header, "indices into a missing palette");
        PngChunk.Write(needed, "IEND"u8, []);
        return needed.GetBuffer().AsSpan(0, (int)needed.Length);
    }

    private static byte[] FullPalette(ReadOnlySpan<byte> colours, ImageHeader header)
    {
        var palette = new byte[PaletteBytes];
        if (colours.Length > palette.Length || colours.Length % 3 != 0)
            throw Cut(header, $"a palette of {colours.Length} bytes");
        colours.CopyTo(palette);
        return palette;
    }

    private const int ColourTypeAt = 8 + 8 + 9;

    private static int BitsPerPixel(ReadOnlySpan<byte> encoded) => encoded[ColourTypeAt - 1] * Samples(encoded[ColourTypeAt]);

    private static int Samples(byte colourType) => colourType switch
    {
        2 => 3,
        4 => 2,
        6 => 4,
        _ => 1,
    };

    private ImageHeader ReadFields(ReadOnlySpan<byte> data)
    {
        if (data.Length != HeaderBytes)
            throw BadHeader($"one of {data.Length} bytes");
        var (width, height) = (BinaryPrimitives.ReadInt32BigEndian(data), BinaryPrimitives.ReadInt32BigEndian(data[4..]));
        var (depth, colourType, interlacing) = (data[8], data[9], data[12]);
        var isKnown = (colourType, depth) is (0, 1 or 2 or 4 or 8 or 16) or (PaletteColour, 1 or 2 or 4 or 8) or (2 or 4 or 6, 8 or 16);
        if (width <= 0 || height <= 0 || !isKnown || data[10] != 0 || data[11] != 0 || interlacing > 1)
            throw BadHeader($"one of {width} x {height} pixels of colour type {colourType} and depth {depth}");
        return new ImageHeader(
            Name, width, height, Pages: 1, colourType == PaletteColour ? 3 : Samples(colourType), depth == 16 ? 2 : 1, interlacing == 1,
            ExifOrientation.Upright, HasAlpha: colourType is 4 or 6);
    }
}
