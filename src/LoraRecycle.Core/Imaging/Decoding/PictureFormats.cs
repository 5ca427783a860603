using LoraRecycle.Core.Imaging.Formats;
using LoraRecycle.Core.Imaging.Formats.Bmp;
using LoraRecycle.Core.Imaging.Formats.Gif;
using LoraRecycle.Core.Imaging.Formats.Jpeg;
using LoraRecycle.Core.Imaging.Formats.Png;
using LoraRecycle.Core.Imaging.Formats.Tiff;
using LoraRecycle.Core.Imaging.Formats.WebP;

namespace LoraRecycle.Core.Imaging.Decoding;

/// <summary>The formats that are let in.</summary>
internal sealed class PictureFormats
{
    private readonly PictureFormat[] _formats;

    public PictureFormats(ImageDecoderOptions options)
    {
        PictureFormat[] always =
            [new JpegPicture(options.MaxJpegScans), new PngPicture(), new WebPPicture(), new GifPicture(), new BmpPicture()];
        _formats = options.AllowTiff ? [.. always, new TiffPicture()] : always;
        var names = _formats.Select(format => format.Name).ToArray();
        Names = $"{string.Join(", ", names[..^1])} or {names[^1]}";
    }

    /// <summary>"JPEG, PNG, WebP, GIF or BMP", for messages.</summary>
    public string Names { get; }

    /// <exception cref="ImageException">There are no bytes, or they are of no format that is let in.</exception>
    public PictureFormat Recognise(ReadOnlySpan<byte> encoded)
    {
        if (encoded.IsEmpty)
            throw new ImageException(ImageFault.Empty, $"a {Names} image", "no bytes", "Send the content of the file.");
        foreach (var format in _formats)
        {
            if (format.Recognises(encoded))
                return format;
        }
        throw new ImageException(
            ImageFault.UnsupportedFormat,
            $"a {Names} image",
            $"{ImageSignature.Describe(encoded)} ({encoded.Length} bytes)",
            Remedy.Convert
        );
    }
}
