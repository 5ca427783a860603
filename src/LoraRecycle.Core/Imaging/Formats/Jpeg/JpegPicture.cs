using SixLabors.ImageSharp.PixelFormats;

namespace LoraRecycle.Core.Imaging.Formats.Jpeg;

/// <summary>JPEG: baseline and progressive, Huffman coded, 8 bit; grey, colour or CMYK.</summary>
/// <param name="maxScans">How many scans it may have.</param>
internal sealed class JpegPicture(int maxScans) : PictureFormat("JPEG")
{
    private const byte StartOfFrame = 0xC0;
    private const byte LastOfFrames = 0xCF; // Huffman tables are among them
    private const byte ArithmeticTables = 0xCC;
    private const byte Quantisation = 0xDB;
    private const byte RestartInterval = 0xDD;
    private const byte Jfif = 0xE0;
    private const byte Exif = 0xE1;
    private const byte Adobe = 0xEE;

    /// <summary>Adobe's segment, which says that the components are red, green and blue.</summary>
    private static ReadOnlySpan<byte> NoConversion =>
        [0xFF, Adobe, 0, 14, (byte)'A', (byte)'d', (byte)'o', (byte)'b', (byte)'e', 0, 100, 0, 0, 0, 0, 0];

    public override bool Recognises(ReadOnlySpan<byte> encoded) => encoded.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]);

    public override ImageHeader ReadHeader(ReadOnlySpan<byte> encoded)
    {
        ImageHeader? header = null;
        var orientation = 0;
        var segments = new JpegSegments(encoded);
        while (segments.Next(out var marker, out var body))
        {
            switch (marker)
            {
                case JpegSegments.StartOfScan:
                    return header is null
                        ? throw BadHeader("pixels that no frame header describes")
                        : header with { Orientation = orientation == 0 ? ExifOrientation.Upright : orientation };
                case Exif when orientation == 0 && body.StartsWith("Exif\0\0"u8):
                    orientation = ExifOrientation.Read(body);
                    break;
                case ArithmeticTables:
                    throw NotRead("a JPEG with arithmetic coding");
                case JpegSegments.StartOfImage:
                    throw BadHeader("a JPEG that starts twice");
                case >= StartOfFrame and <= LastOfFrames and not (0xC4 or 0xC8):
                    header = header is null ? ReadFrame(marker, body) : throw BadHeader("a JPEG with two frame headers");
                    break;
            }
        }
        throw BadHeader($"{encoded.Length} bytes that end inside the header");
    }

    public override DecodedImage Decode(ReadOnlySpan<byte> encoded, ImageHeader header, PictureCodec codec)
    {
        JpegScans.RefuseUnlessWhole(encoded, header, maxScans);
        var colour = JpegColour.Read(encoded);
        if (!colour.IsInterpolated)
            return Decode(codec, Needed(encoded, asStored: false), header);
        using var stored = codec.Load<Rgb24>(Needed(encoded, asStored: true), header);
        return Upright.Copy(stored, header.Orientation, new ChromaRows(colour, stored.Width));
    }

    /// <summary>
    /// The file with nothing but what the pixels need: no metadata, no stray bytes, and nothing that the codec could take for a scan
    /// which was not counted.
    /// </summary>
    /// <param name="encoded">The file.</param>
    /// <param name="asStored">Whether luma and chroma are to come out unconverted.</param>
    private static ReadOnlySpan<byte> Needed(ReadOnlySpan<byte> encoded, bool asStored)
    {
        var needed = new MemoryStream(encoded.Length + NoConversion.Length);
        needed.Write(encoded[..2]);
        if (asStored)
            needed.Write(NoConversion);
        var segments = new JpegSegments(encoded);
        while (segments.Next(out var marker, out var body))
        {
            var start = segments.Position - body.Length - 4;
            if (marker == JpegSegments.EndOfImage)
                break;
            if (marker == JpegSegments.StartOfScan)
                needed.Write(encoded[start..segments.SkipData()]);
            else if (
                marker is (>= StartOfFrame and <= LastOfFrames) or Quantisation or RestartInterval
                || (!asStored && marker is Jfif or Adobe)
            )
                needed.Write(encoded[start..segments.Position]);
        }
        needed.Write([0xFF, JpegSegments.EndOfImage]);
        return needed.GetBuffer().AsSpan(0, (int)needed.Length);
    }

    private ImageHeader ReadFrame(byte marker, ReadOnlySpan<byte> body)
    {
        switch (marker)
        {
            case 0xC3:
                throw NotRead("a lossless JPEG");
            case >= 0xC5 and <= 0xC7:
                throw NotRead("a hierarchical JPEG");
            case >= 0xC9:
                throw NotRead("a JPEG with arithmetic coding");
        }
        var frame = new PictureReader(body, bigEndian: true);
        var precision = frame.UInt8();
        var (height, width) = (frame.UInt16(), frame.UInt16());
        var bands = frame.UInt8();
        if (width == 0 || height == 0 || bands is not (1 or 3 or 4))
            throw BadHeader($"one of {width} x {height} pixels with {bands} components");
        if (precision != 8)
            throw NotRead($"a JPEG of {precision} bits per sample");
        return new ImageHeader(
            Name, width, height, Pages: 1, bands, BytesPerSample: 1, Interlaced: marker == 0xC2, ExifOrientation.Upright, HasAlpha: false);
    }
}
