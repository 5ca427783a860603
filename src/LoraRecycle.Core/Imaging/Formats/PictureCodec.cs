using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats.Bmp;
using SixLabors.ImageSharp.Formats.Gif;
using SixLabors.ImageSharp.Formats.Jpeg;
using SixLabors.ImageSharp.Formats.Png;
using SixLabors.ImageSharp.Formats.Tiff;
using SixLabors.ImageSharp.Formats.Webp;
using SixLabors.ImageSharp.Memory;
using SixLabors.ImageSharp.Metadata;
using SixLabors.ImageSharp.PixelFormats;

namespace LoraRecycle.Core.Imaging.Formats;

/// <summary>
/// ImageSharp with the formats that are let in and no others: one frame, no metadata, on the caller's thread, and within
/// the memory that a picture may take. Whatever it throws at hostile bytes becomes a refusal of the picture.
/// </summary>
internal sealed class PictureCodec
{
    private readonly Configuration _configuration;
    private readonly long _maxBytes;
    private readonly CancellationToken _cancellation;

    public PictureCodec(ImageDecoderOptions options)
    {
        _maxBytes = options.MaxDecodingBytes;
        _configuration = new Configuration(
            new JpegConfigurationModule(),
            new PngConfigurationModule(),
            new GifConfigurationModule(),
            new WebpConfigurationModule(),
            new BmpConfigurationModule()
        )
        {
            MaxDegreeOfParallelism = 1,
        };
        var formats = _configuration.ImageFormatsManager;
        formats.SetDecoder(JpegFormat.Instance, new JpegDecoder { IgnoreMetadata = true });
        formats.SetDecoder(PngFormat.Instance, new PngDecoder { IgnoreMetadata = true });
        formats.SetDecoder(GifFormat.Instance, new GifDecoder { IgnoreMetadata = true, DecodingMode = FrameDecodingMode.First });
        formats.SetDecoder(WebpFormat.Instance, new WebpDecoder { IgnoreMetadata = true });
        if (!options.AllowTiff)
            return;
        _configuration.Configure(new TiffConfigurationModule());
        formats.SetDecoder(TiffFormat.Instance, new TiffDecoder { IgnoreMetadata = true, DecodingMode = FrameDecodingMode.First });
    }

    private PictureCodec(PictureCodec other, CancellationToken cancellation) =>
        (_configuration, _maxBytes, _cancellation) = (other._configuration, other._maxBytes, cancellation);

    /// <summary>The same codec for one decoding that can be stopped.</summary>
    public PictureCodec Until(CancellationToken cancellation) => new(this, cancellation);

    /// <summary>The pixels as stored, not yet upright.</summary>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    /// <exception cref="ImageException">The picture is damaged, or takes more memory than its header told.</exception>
    public Image<TPixel> Load<TPixel>(ReadOnlySpan<byte> encoded, ImageHeader header)
        where TPixel : unmanaged, IPixel<TPixel>
    {
        var configuration = _configuration.Clone();
        configuration.MemoryAllocator = new CappedMemory(_maxBytes, _cancellation);
        Image<TPixel> image;
        try
        {
            // Only this form can be stopped. Its tasks never wait: the bytes are in memory, and the codec runs on the caller's thread.
            using var file = new MemoryStream(encoded.ToArray(), writable: false);
            image = Image.LoadAsync<TPixel>(configuration, file, _cancellation).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException) when (_cancellation.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception) when (_cancellation.IsCancellationRequested)
        {
            // What the codec makes of being stopped is nothing that the picture is at fault for.
            throw new OperationCanceledException(_cancellation);
        }
        catch (Exception thrown)
        {
            throw Refusal(thrown, header);
        }
        if (image.Width == header.Width && image.Height == header.Height)
            return image;
        var came = $"{image.Width} x {image.Height} of them";
        image.Dispose();
        throw new ImageException(
            ImageFault.Damaged,
            $"{header.Width} x {header.Height} pixels of {header.Format}",
            came,
            Remedy.SendItWhole
        );
    }

    private ImageException Refusal(Exception thrown, ImageHeader header)
    {
        var cause = thrown is InvalidImageContentException { InnerException: InvalidMemoryOperationException inner } ? inner : thrown;
        return cause switch
        {
            InvalidMemoryOperationException or OutOfMemoryException => new ImageException(
                ImageFault.TooLarge, $"an image that decodes in at most {_maxBytes} bytes of memory",
                $"{header.Width} x {header.Height} pixels of {header.Format} that need more", Remedy.ScaleDown, thrown),
            NotSupportedException => new ImageException(
                ImageFault.UnsupportedFormat, $"a {header.Format} of a supported kind", "one of another kind", Remedy.Convert, thrown),
            _ => new ImageException(
                ImageFault.Damaged,
                $"{header.Width} x {header.Height} pixels of {header.Format}",
                "contradictory data",
                Remedy.SendItWhole,
                thrown
            ),
        };
    }
}
