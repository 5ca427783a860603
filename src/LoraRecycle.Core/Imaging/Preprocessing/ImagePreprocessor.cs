using static TorchSharp.torch;

namespace LoraRecycle.Core.Imaging.Preprocessing;

/// <summary>
/// Pictures into the tensor that a model expects, as Hugging Face's processors make it: antialiased resize, rounded back
/// to 8 bit, centre crop, rescale, normalise. Samples travel to the device as bytes and become floating point there.
/// </summary>
/// <remarks>Holds no tensors; may be used by several threads at once.</remarks>
public sealed class ImagePreprocessor
{
    private readonly ImageResizer _resizer;
    private readonly float[] _scale;
    private readonly float[] _shift;

    public ImagePreprocessor(PreprocessorConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        Config = config;
        _resizer = new ImageResizer(config.Resample);

        // (x * factor - mean) / std in one multiplication and one addition.
        var factor = config.DoRescale ? config.RescaleFactor : 1;
        _scale =
        [
            .. Enumerable.Range(0, DecodedImage.Channels).Select(c => (float)(config.DoNormalize ? factor / config.ImageStd[c] : factor)),
        ];
        _shift =
        [
            .. Enumerable
                .Range(0, DecodedImage.Channels)
                .Select(c => (float)(config.DoNormalize ? -config.ImageMean[c] / config.ImageStd[c] : 0)),
        ];
    }

    public PreprocessorConfig Config { get; }

    /// <summary>Prepares a batch on <paramref name="device"/>.</summary>
    /// <returns><c>[batch, 3, height, width]</c>, float32, owned by the caller (or the caller's dispose scope).</returns>
    /// <exception cref="ArgumentException">There are no images, or they come out in different sizes because the configuration neither
    /// crops nor resizes to one.</exception>
    public Tensor Preprocess(IReadOnlyList<DecodedImage> images, Device device)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(device);
        if (images.Count == 0)
            throw new ArgumentException("Expected at least one image; got none.", nameof(images));
        RefuseDifferentSizes(images);

        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        var planes = new Tensor[images.Count];
        for (var i = 0; i < planes.Length; i++)
            planes[i] = ResizeAndCrop(images[i], device);

        using var scale = tensor(_scale, [1, DecodedImage.Channels, 1, 1], device: device);
        using var shift = tensor(_shift, [1, DecodedImage.Channels, 1, 1], device: device);
        var batch = cat(planes, 0);
        // Cubic filters overshoot, and references that resize 8 bit samples round and clamp before anything else.
        if (Config.RoundsResized) batch = batch.round().clamp_(0, 255);
        return scope.MoveToOuter(batch.mul_(scale).add_(shift));
    }

    /// <summary>The size of what comes out for an image of a size: <c>(height, width)</c>.</summary>
    public (int Height, int Width) OutputSize(int height, int width)
    {
        if (Config.DoCenterCrop)
            return Config.CropSize;
        return Config.DoResize ? Config.Size.For(height, width) : (height, width);
    }

    private void RefuseDifferentSizes(IReadOnlyList<DecodedImage> images)
    {
        var first = OutputSize(images[0].Height, images[0].Width);
        for (var i = 1; i < images.Count; i++)
        {
            var other = OutputSize(images[i].Height, images[i].Width);
            if (other != first)
                throw new ArgumentException(
                    $"Expected images that come out at one size; image 0 comes out at {first.Width} x {first.Height} and image {i} at "
                        + $"{other.Width} x {other.Height}, "
                        + "since the preprocessing neither crops nor resizes to a fixed size. Send the images one by one.", nameof(images));
        }
    }

    private Tensor ResizeAndCrop(DecodedImage image, Device device)
    {
        using var scope = NewDisposeScope();
        var bytes = tensor(image.Pixels, [1, image.Height, image.Width, DecodedImage.Channels], device: device);
        var (height, width) = Config.DoResize ? Config.Size.For(image.Height, image.Width) : (image.Height, image.Width);
        var pixels = Config.DoResize ? _resizer.Resize(bytes, height, width) : ImageResizer.AsPlanes(bytes);
        return scope.MoveToOuter(Config.DoCenterCrop ? CenterCrop(pixels, height, width) : pixels);
    }

    /// <summary>Half of what is too much or missing goes before, rounded down; black where pixels are missing.</summary>
    private Tensor CenterCrop(Tensor pixels, int height, int width)
    {
        var (cropHeight, cropWidth) = Config.CropSize;
        var (keptHeight, keptWidth) = (Math.Min(height, cropHeight), Math.Min(width, cropWidth));
        var kept = pixels
            .narrow(2, (height - keptHeight) / 2, keptHeight)
            .narrow(3, (width - keptWidth) / 2, keptWidth);
        if ((keptHeight, keptWidth) == (cropHeight, cropWidth))
            return kept;

        var padded = zeros([1, DecodedImage.Channels, cropHeight, cropWidth], device: pixels.device);
        padded.narrow(2, (cropHeight - keptHeight) / 2, keptHeight)
            .narrow(3, (cropWidth - keptWidth) / 2, keptWidth)
            .copy_(kept);
        return padded;
    }
}
