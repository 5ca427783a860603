using LoraRecycle.Core.Imaging.Formats;

namespace LoraRecycle.Core.Imaging.Decoding;

/// <summary>
/// Encoded pictures into upright sRGB pixels. Only the formats of the options are ever looked at, the header is judged
/// before a pixel is decoded, and of animations and documents the first page is taken. Colour is what Pillow's
/// <c>convert("RGB")</c> gives, which Hugging Face's processors call: alpha is dropped, not blended, in every format (a
/// GIF's transparent part shows its palette's colour); grey becomes three equal channels; 16 bit samples keep their high
/// byte; CMYK is the plain complement.
/// </summary>
/// <remarks>Thread-safe; each call decodes on its caller's thread.</remarks>
public sealed class ImageDecoder
{
    private readonly ImageDecoderOptions _options;
    private readonly PictureFormats _formats;
    private readonly PictureCodec _codec;

    public ImageDecoder(ImageDecoderOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _formats = new PictureFormats(options);
        _codec = new PictureCodec(options);
    }

    /// <summary>Reads the header, whatever the sizes in it.</summary>
    /// <exception cref="ImageException">The bytes are empty, of no accepted format, or have no whole header.</exception>
    public ImageHeader ReadHeader(ReadOnlySpan<byte> encoded) => _formats.Recognise(encoded).ReadHeader(encoded);

    /// <summary>Decodes the first page.</summary>
    /// <exception cref="ImageException">As <see cref="ReadHeader"/>; or the picture is larger than the options allow, or
    /// damaged, or takes longer than they allow.</exception>
    public DecodedImage Decode(ReadOnlySpan<byte> encoded) => DecodeUntil(encoded, CancellationToken.None);

    /// <summary>Decodes the first page for somebody who may go away meanwhile.</summary>
    /// <param name="encoded">The file.</param>
    /// <param name="cancellation">Stops it within a few rows.</param>
    /// <exception cref="ImageException">As <see cref="Decode"/>.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public DecodedImage DecodeUntil(ReadOnlySpan<byte> encoded, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var format = _formats.Recognise(encoded);
        var header = format.ReadHeader(encoded);
        RefuseIfTooLarge(header);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(_options.MaxDecodingTime);
        try
        {
            return format.Decode(encoded, header, _codec.Until(deadline.Token));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new ImageException(
                ImageFault.TooCostly, $"an image that decodes in {_options.MaxDecodingTime.TotalSeconds:0.###} s",
                $"{header.Width} x {header.Height} pixels of {header.Format} that take longer", Remedy.SaveAgain);
        }
    }

    private void RefuseIfTooLarge(ImageHeader header)
    {
        if (header.Pixels > _options.MaxPixels)
            throw new ImageException(
                ImageFault.TooLarge, $"at most {_options.MaxPixels} pixels",
                $"{header.Width} x {header.Height} = {header.Pixels}", Remedy.ScaleDown);

        if (Math.Max(header.Width, header.Height) > (long)_options.MaxAspectRatio * Math.Min(header.Width, header.Height))
            throw new ImageException(
                ImageFault.TooLarge, $"an image at most {_options.MaxAspectRatio} times as long as wide",
                $"{header.Width} x {header.Height}", "Crop the image to its subject.");

        var bytes = DecodingMemory.Estimate(header);
        if (bytes > _options.MaxDecodingBytes)
            throw new ImageException(
                ImageFault.TooLarge, $"an image that decodes in at most {_options.MaxDecodingBytes} bytes of memory",
                $"{header.Width} x {header.Height} {(header.Interlaced ? "interlaced " : "")}{header.Format} that needs {bytes}",
                "Scale the image down, or save it without interlacing.");
    }
}
