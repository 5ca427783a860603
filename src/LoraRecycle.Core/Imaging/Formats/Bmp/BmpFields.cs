namespace LoraRecycle.Core.Imaging.Formats.Bmp;

/// <summary>What the header of a Windows bitmap says.</summary>
/// <param name="Width">Pixels a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Bits">Bits a pixel.</param>
/// <param name="Compression">The number that the header has for it.</param>
/// <param name="PixelsAt">Where the pixels begin.</param>
internal sealed record BmpFields(int Width, int Height, int Bits, uint Compression, int PixelsAt)
{
    private const uint RunLength8 = 1;
    private const uint RunLength4 = 2;
    private const uint Masks = 3;
    private const uint MasksWithAlpha = 6;
    private const int CoreHeaderBytes = 12;

    public bool IsRunLength => Compression is RunLength8 or RunLength4;

    public long BytesPerRow => ((long)Width * Bits + 31) / 32 * 4;

    public static BmpFields Read(ReadOnlySpan<byte> encoded)
    {
        var reader = new PictureReader(encoded, bigEndian: false);
        reader.Skip(10);
        var pixelsAt = reader.UInt32();
        var headerBytes = reader.UInt32();
        if (headerBytes is not (CoreHeaderBytes or 40 or 52 or 56 or 64 or 108 or 124))
            throw Bad($"a bitmap header of {headerBytes} bytes");
        var isCore = headerBytes == CoreHeaderBytes;
        var (width, height) = isCore ? (reader.UInt16(), reader.UInt16()) : ((int)reader.UInt32(), (int)reader.UInt32());
        reader.Skip(2);
        var bits = reader.UInt16();
        var compression = isCore ? 0 : reader.UInt32();
        reader.Skip(headerBytes - (isCore ? CoreHeaderBytes : 20));
        if (width <= 0 || height is 0 or int.MinValue || pixelsAt > int.MaxValue)
            throw Bad($"one of {width} x {height} pixels");
        var isKnown =
            (compression, bits)
            is
                (0, 1 or 4 or 8 or 16 or 24 or 32)
                or
                (RunLength8, 8)
                or
                (RunLength4, 4)
                or
                (Masks or MasksWithAlpha, 16 or 32);
        if (!isKnown)
            throw new ImageException(
                ImageFault.UnsupportedFormat,
                "a bitmap of a supported kind",
                $"one of {bits} bits with compression {compression}",
                Remedy.Convert
            );
        return new BmpFields(width, Math.Abs(height), bits, compression, (int)pixelsAt);
    }

    private static ImageException Bad(string came) =>
        new(ImageFault.Damaged, "an image with a complete header", came, Remedy.SendItWhole);
}
