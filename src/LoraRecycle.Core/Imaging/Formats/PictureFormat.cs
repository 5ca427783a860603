using SixLabors.ImageSharp.PixelFormats;

namespace LoraRecycle.Core.Imaging.Formats;

/// <summary>
/// One container format. Its header and its completeness are read here, within the bytes at hand, before the codec sees
/// any of them: the codec decodes what is cut short without a word.
/// </summary>
/// <param name="name">"JPEG", for messages.</param>
internal abstract class PictureFormat(string name)
{
    public string Name { get; } = name;

    /// <summary>Whether the bytes begin as this format does.</summary>
    public abstract bool Recognises(ReadOnlySpan<byte> encoded);

    /// <summary>What the header says, whatever the sizes in it; the pixels may be missing.</summary>
    /// <exception cref="ImageException">The header is cut short or contradicts itself, or tells of a variety that is not read.</exception>
    public abstract ImageHeader ReadHeader(ReadOnlySpan<byte> encoded);

    /// <summary>The first page, upright.</summary>
    /// <exception cref="ImageException">The pixels are not all there, or are damaged.</exception>
    public abstract DecodedImage Decode(ReadOnlySpan<byte> encoded, ImageHeader header, PictureCodec codec);

    /// <summary>Decodes with 8 or 16 bits a sample, as stored, and turns the picture upright.</summary>
    protected static DecodedImage Decode(PictureCodec codec, ReadOnlySpan<byte> encoded, ImageHeader header)
    {
        if (header.BytesPerSample == 1)
            return Decode<Rgb24>(codec, encoded, header);
        return Decode<Rgb48>(codec, encoded, header);
    }

    private static DecodedImage Decode<TPixel>(PictureCodec codec, ReadOnlySpan<byte> encoded, ImageHeader header)
        where TPixel : unmanaged, IPixel<TPixel>
    {
        using var image = codec.Load<TPixel>(encoded, header);
        return Upright.Copy(image, header.Orientation);
    }

    protected static ImageException BadHeader(string came) => new(
        ImageFault.Damaged, "an image with a complete header", came, Remedy.SendItWhole);

    protected static ImageException Cut(ImageHeader header, string came) => new(
        ImageFault.Damaged, $"{header.Width} x {header.Height} pixels of {header.Format}", came, Remedy.SendItWhole);

    /// <param name="kind">Which variety came, with its article.</param>
    protected static ImageException NotRead(string kind) => new(
        ImageFault.UnsupportedFormat, "an image of a supported kind", kind, Remedy.Convert);
}
