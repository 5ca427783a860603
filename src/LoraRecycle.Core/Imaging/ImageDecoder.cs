using LoraRecycle.Core.Imaging.Vips;

namespace LoraRecycle.Core.Imaging;

/// <summary>
/// Encoded pictures into upright sRGB pixels. Only the formats of the options are ever looked at, the header is judged
/// before a pixel is decoded, and of animations and documents the first page is taken. Colour is what Pillow's
/// <c>convert("RGB")</c> gives, which Hugging Face's processors call: alpha is dropped, not blended; grey becomes three
/// equal channels; 16 bit samples keep their high byte; CMYK without a profile is the plain complement. One difference:
/// an embedded ICC profile is honoured.
/// </summary>
/// <remarks>Thread-safe; each call decodes on its caller's thread.</remarks>
public sealed class ImageDecoder
{
    private readonly ImageDecoderOptions _options;
    private readonly int _formats;

    /// <exception cref="DllNotFoundException">libvips is not installed; the message says what to install.</exception>
    public ImageDecoder(ImageDecoderOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _formats = VipsFormats.AllowedBy(options);
        VipsLibrary.Allow(_formats);
    }

    /// <summary>Reads the header, whatever the sizes in it.</summary>
    /// <exception cref="ImageException">The bytes are empty, of no accepted format, or have no whole header.</exception>
    public unsafe ImageHeader ReadHeader(ReadOnlySpan<byte> encoded)
    {
        fixed (byte* data = encoded)
        {
            using var image = Open(data, encoded, out var header);
            return header;
        }
    }

    /// <summary>Decodes the first page.</summary>
    /// <exception cref="ImageException">As <see cref="ReadHeader"/>; or the picture is larger than the options allow, or damaged.</exception>
    public unsafe DecodedImage Decode(ReadOnlySpan<byte> encoded)
    {
        fixed (byte* data = encoded)
        {
            using var image = Open(data, encoded, out var header);
            RefuseIfTooLarge(header);

            var pixels = GC.AllocateUninitializedArray<byte>(checked((int)(header.Pixels * DecodedImage.Channels)));
            fixed (byte* target = pixels)
            {
                var status = VipsNative.Decode(image, target, (nuint)pixels.Length, out var rows);
                ThrowUnlessDecoded(status, header, rows);
            }
            return header.IsTransposed
                ? new DecodedImage(header.Height, header.Width, pixels)
                : new DecodedImage(header.Width, header.Height, pixels);
        }
    }

    private unsafe VipsImageHandle Open(byte* data, ReadOnlySpan<byte> encoded, out ImageHeader header)
    {
        if (encoded.IsEmpty)
            throw new ImageException(ImageFault.Empty, $"a {VipsFormats.List(_formats)} picture", "no bytes", "Send the file's content.");

        var status = VipsNative.Open(data, (nuint)encoded.Length, _formats, out var image, out var found);
        if (status == VipsStatus.Ok)
        {
            header = found.ToImageHeader();
            return image;
        }

        image.Dispose();
        throw status == VipsStatus.Unsupported
            ? new ImageException(
                ImageFault.UnsupportedFormat, $"a {VipsFormats.List(_formats)} picture",
                $"{ImageSignature.Describe(encoded)} ({encoded.Length} bytes)", "Convert the picture to one of these formats.")
            : new ImageException(
                ImageFault.Damaged, "a picture with a whole header", $"{encoded.Length} bytes whose header cannot be read",
                "Check that the file opens in a viewer and was sent whole.");
    }

    private void RefuseIfTooLarge(ImageHeader header)
    {
        if (header.Pixels > _options.MaxPixels)
            throw new ImageException(
                ImageFault.TooLarge, $"at most {_options.MaxPixels} pixels",
                $"{header.Width} x {header.Height} = {header.Pixels}", "Scale the picture down; the model sees far fewer.");

        if (Math.Max(header.Width, header.Height) > (long)_options.MaxAspectRatio * Math.Min(header.Width, header.Height))
            throw new ImageException(
                ImageFault.TooLarge, $"a picture at most {_options.MaxAspectRatio} times as long as wide",
                $"{header.Width} x {header.Height}", "Crop it to what it shows.");

        var bytes = DecodingMemory.Estimate(header);
        if (bytes > _options.MaxDecodingBytes)
            throw new ImageException(
                ImageFault.TooLarge, $"a picture that decodes in at most {_options.MaxDecodingBytes} bytes of memory",
                $"{header.Width} x {header.Height} {(header.Interlaced ? "interlaced " : "")}{header.Format} that takes {bytes}",
                "Scale the picture down, or save it without interlacing.");
    }

    private static void ThrowUnlessDecoded(VipsStatus status, ImageHeader header, int rows)
    {
        switch (status)
        {
            case VipsStatus.Ok:
                return;
            case VipsStatus.Unsupported:
                throw new ImageException(
                    ImageFault.UnsupportedFormat, "pixels that can be shown as RGB",
                    $"{header.Format} with {header.Bands} bands of {header.BytesPerSample} bytes in another colour space", "Convert the picture to RGB.");
            case VipsStatus.Damaged:
                throw new ImageException(
                    ImageFault.Damaged, $"{header.Width} x {header.Height} pixels of {header.Format}", $"data that decode to {rows} rows only",
                    "Check that the file opens in a viewer and was sent whole.");
            default:
                throw new InvalidOperationException($"The decoder disagrees with itself about the size of a {header.Width} x {header.Height} {header.Format}.");
        }
    }
}
