using System.Buffers.Binary;
using System.Runtime.InteropServices;
using SixLabors.ImageSharp.Advanced;
using SixLabors.ImageSharp.PixelFormats;

namespace LoraRecycle.Core.Imaging.Formats.Gif;

/// <summary>
/// GIF; of an animation, the first frame. Its transparent part shows its palette's colour, and what of the canvas it
/// leaves free shows the transparent colour, or else the palette's first: as in Pillow.
/// </summary>
internal sealed class GifPicture() : PictureFormat("GIF")
{
    public override bool Recognises(ReadOnlySpan<byte> encoded) => encoded.StartsWith("GIF87a"u8) || encoded.StartsWith("GIF89a"u8);

    public override ImageHeader ReadHeader(ReadOnlySpan<byte> encoded)
    {
        var blocks = new GifBlocks(encoded);
        var frame = blocks.FirstFrame();
        return new ImageHeader(
            Name, blocks.Width, blocks.Height, Pages: 1 + blocks.CountMore(), Bands: frame.Transparent is null ? 3 : 4, BytesPerSample: 1,
            frame.IsInterlaced, ExifOrientation.Upright, HasAlpha: frame.Transparent is not null);
    }

    public override DecodedImage Decode(ReadOnlySpan<byte> encoded, ImageHeader header, PictureCodec codec)
    {
        var frame = new GifBlocks(encoded).FirstFrame();
        if (frame.Left + frame.Width > header.Width || frame.Top + frame.Height > header.Height)
            throw Cut(header, $"a frame of {frame.Width} x {frame.Height} at {frame.Left}, {frame.Top}, beyond its canvas");
        if (!frame.IsWhole)
            throw Cut(header, "data that ends inside the first frame");

        // The codec gets the frame alone, and its rows in the order stored: it cannot be led beyond them.
        var stored = header with { Width = frame.Width, Height = frame.Height };
        using var image = codec.Load<Rgb24>(Alone(frame), stored);
        var decoded = new byte[header.Width * header.Height * DecodedImage.Channels];
        var pixels = MemoryMarshal.Cast<byte, Rgb24>(decoded.AsSpan());
        if (frame.Width * frame.Height < pixels.Length)
            pixels.Fill(Colour(frame, frame.Transparent ?? 0));
        for (var row = 0; row < frame.Height; row++)
        {
            var y = frame.Top + (frame.IsInterlaced ? Deinterlaced(row, frame.Height) : row);
            image.DangerousGetPixelRowMemory(row).Span.CopyTo(pixels[(y * header.Width + frame.Left)..]);
        }
        return new DecodedImage(header.Width, header.Height, decoded);
    }

    private static Rgb24 Colour(GifFrame frame, int index) =>
        index * 3 + 2 < frame.Palette.Length
            ? new Rgb24(frame.Palette[index * 3], frame.Palette[index * 3 + 1], frame.Palette[index * 3 + 2])
            : default;

    private static byte[] Alone(GifFrame frame)
    {
        const int FullTable = 256 * 3;
        var file = new byte[6 + 7 + FullTable + 10 + frame.Data.Length + 1];
        var rest = file.AsSpan();
        "GIF89a"u8.CopyTo(rest);
        WriteSize(rest[6..], frame);
        rest[10] = 0xF7; // a global palette of 256 colours
        frame.Palette.CopyTo(rest[13..]);
        rest = rest[(13 + FullTable)..];
        rest[0] = GifBlocks.Image;
        WriteSize(rest[5..], frame);
        frame.Data.CopyTo(rest[10..]);
        rest[^1] = GifBlocks.Trailer;
        return file;
    }

    private static void WriteSize(Span<byte> target, GifFrame frame)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(target, (ushort)frame.Width);
        BinaryPrimitives.WriteUInt16LittleEndian(target[2..], (ushort)frame.Height);
    }

    /// <summary>Where a row belongs that is stored at <paramref name="row"/>: every eighth first, then those halfway between, and so
    /// on.</summary>
    private static int Deinterlaced(int row, int height)
    {
        foreach (var (top, step) in (ReadOnlySpan<(int, int)>)[(0, 8), (4, 8), (2, 4)])
        {
            var rows = (height - top + step - 1) / step;
            if (row < rows)
                return top + row * step;
            row -= rows;
        }
        return 1 + row * 2;
    }
}
