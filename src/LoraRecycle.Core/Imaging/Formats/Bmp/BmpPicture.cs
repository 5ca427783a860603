namespace LoraRecycle.Core.Imaging.Formats.Bmp;

/// <summary>Windows bitmaps: 1 to 32 bits a pixel, with palettes, colour masks or run lengths.</summary>
internal sealed class BmpPicture() : PictureFormat("BMP")
{
    public override bool Recognises(ReadOnlySpan<byte> encoded) => encoded.StartsWith("BM"u8);

    public override ImageHeader ReadHeader(ReadOnlySpan<byte> encoded)
    {
        var fields = BmpFields.Read(encoded);
        return new ImageHeader(
            Name, fields.Width, fields.Height, Pages: 1, Bands: fields.Bits == 32 ? 4 : 3, BytesPerSample: 1, Interlaced: false,
            ExifOrientation.Upright, HasAlpha: fields.Bits == 32);
    }

    public override DecodedImage Decode(ReadOnlySpan<byte> encoded, ImageHeader header, PictureCodec codec)
    {
        var fields = BmpFields.Read(encoded);
        var isWhole = fields.IsRunLength
            ? BmpRuns.AreWhole(encoded[Math.Min(fields.PixelsAt, encoded.Length)..], fields)
            : fields.PixelsAt + fields.BytesPerRow * fields.Height <= encoded.Length;
        return isWhole ? Decode(codec, encoded, header) : throw Cut(header, "truncated data");
    }
}
