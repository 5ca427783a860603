using LoraRecycle.Core.Imaging;
using LoraRecycle.Core.Randomness;

namespace LoraRecycle.Core.Evaluation.Calibration;

/// <summary>
/// Pictures made worse, so that a calibration is fitted on hard tasks as well as on easy ones: the classes at hand are of few
/// kinds, and what it has to serve is not known.
/// </summary>
internal sealed record PictureView(string Name, double Weight, Func<string, DecodedImage, DecodedImage>? Change)
{
    // Chosen on the validation classes of several data sets: beside them, what photographs of other sources are like.
    private const double CropArea = 0.35;
    private const int SmallSide = 24;

    /// <summary>The picture itself, a part of it, and a small copy of it.</summary>
    /// <param name="seed">Where the part lies.</param>
    public static IReadOnlyList<PictureView> All(long seed) =>
    [
        new("whole", 1, null),
        new("part", 0.5, (name, image) => Crop(image, name, seed)),
        new("small", 0.5, (_, image) => Shrink(image)),
    ];

    /// <summary>A rectangle of the picture's shape, somewhere in it; where, its name decides.</summary>
    internal static DecodedImage Crop(DecodedImage image, string name, long seed)
    {
        var random = SplitMix64.OfStream(seed, name.Aggregate(17L, (hash, letter) => unchecked((hash * 31) + letter)));
        var (width, height) = (Math.Max(1, (int)(image.Width * Math.Sqrt(CropArea))), Math.Max(1, (int)(image.Height * Math.Sqrt(CropArea))));
        var (left, top) = (random.Below(image.Width - width + 1), random.Below(image.Height - height + 1));
        var pixels = new byte[width * height * DecodedImage.Channels];
        for (var y = 0; y < height; y++)
            image.Pixels.AsSpan((((top + y) * image.Width) + left) * DecodedImage.Channels, width * DecodedImage.Channels)
                .CopyTo(pixels.AsSpan(y * width * DecodedImage.Channels));
        return new DecodedImage(width, height, pixels);
    }

    /// <summary>The shorter side made short, each pixel the mean of those that it stands for.</summary>
    internal static DecodedImage Shrink(DecodedImage image)
    {
        var scale = (double)SmallSide / Math.Min(image.Width, image.Height);
        if (scale >= 1)
            return image;
        var (width, height) = ((int)Math.Round(image.Width * scale), (int)Math.Round(image.Height * scale));
        var pixels = new byte[width * height * DecodedImage.Channels];
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++)
            {
                var (top, bottom) = (y * image.Height / height, Math.Max((y + 1) * image.Height / height, (y * image.Height / height) + 1));
                var (left, right) = (x * image.Width / width, Math.Max((x + 1) * image.Width / width, (x * image.Width / width) + 1));
                for (var channel = 0; channel < DecodedImage.Channels; channel++)
                {
                    var sum = 0;
                    for (var row = top; row < bottom; row++)
                        for (var column = left; column < right; column++)
                            sum += image.Pixels[(((row * image.Width) + column) * DecodedImage.Channels) + channel];
                    var count = (bottom - top) * (right - left);
                    pixels[(((y * width) + x) * DecodedImage.Channels) + channel] = (byte)((sum + (count / 2)) / count);
                }
            }
        return new DecodedImage(width, height, pixels);
    }
}
