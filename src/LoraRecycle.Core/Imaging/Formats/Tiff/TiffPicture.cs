using System.Buffers.Binary;

namespace LoraRecycle.Core.Imaging.Formats.Tiff;

/// <summary>TIFF in strips; of several pages, the first.</summary>
internal sealed class TiffPicture() : PictureFormat("TIFF")
{
    public override bool Recognises(ReadOnlySpan<byte> encoded) => encoded.StartsWith("II*\0"u8) || encoded.StartsWith("MM\0*"u8);

    public override ImageHeader ReadHeader(ReadOnlySpan<byte> encoded)
    {
        var directory = TiffDirectory.ReadFirst(encoded);
        if (directory.IsTiled)
            throw NotRead("a TIFF in tiles");
        if (directory.First(TiffDirectory.Photometric) == TiffDirectory.Inks)
            throw NotRead("a TIFF in CMYK");
        if (directory.First(TiffDirectory.SampleFormat) == TiffDirectory.FloatingPoint)
            throw NotRead("a TIFF of floating-point samples");
        var (width, height) = (directory.First(TiffDirectory.Width), directory.First(TiffDirectory.Height));
        var bands = directory.First(TiffDirectory.SamplesPerPixel, otherwise: 1);
        var bits = directory.First(TiffDirectory.BitsPerSample, otherwise: 1);
        if (width is 0 or > int.MaxValue || height is 0 or > int.MaxValue || bands is 0 or > 8 || bits is 0 or > 64)
            throw BadHeader($"one of {width} x {height} pixels with {bands} samples of {bits} bits");
        return new ImageHeader(
            Name,
            (int)width,
            (int)height,
            directory.CountPages(),
            (int)bands,
            ((int)bits + 7) / 8,
            Interlaced: false,
            ExifOrientation.Checked((int)directory.First(TiffDirectory.Orientation, otherwise: 1)),
            HasAlpha: bands is 2 or 4 && directory.Has(TiffDirectory.ExtraSamples)
        );
    }

    public override DecodedImage Decode(ReadOnlySpan<byte> encoded, ImageHeader header, PictureCodec codec)
    {
        var directory = TiffDirectory.ReadFirst(encoded);
        var (offsets, counts) = (directory.All(TiffDirectory.StripOffsets), directory.All(TiffDirectory.StripBytes));
        if (offsets.Length == 0 || offsets.Length != counts.Length)
            throw Cut(header, $"{offsets.Length} strips of {counts.Length} sizes");
        for (var strip = 0; strip < offsets.Length; strip++)
        {
            if ((long)offsets[strip] + counts[strip] > encoded.Length)
                throw Cut(header, "truncated data");
        }
        // The codec reads every directory before the first page; it is shown no more than that.
        var first = encoded.ToArray();
        BinaryPrimitives.WriteUInt32LittleEndian(first.AsSpan(directory.NextAt), 0);
        return Decode(codec, first, header);
    }
}
