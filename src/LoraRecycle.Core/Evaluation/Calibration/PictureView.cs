using LoraRecycle.Core.Imaging;

namespace LoraRecycle.Core.Evaluation.Calibration;

/// <summary>
/// Pictures made worse, so that a calibration is fitted on hard tasks as well as on easy ones: the classes at hand are of few
/// kinds, and what it has to serve is not known.
/// </summary>
/// <param name="Name">What it is called in the record of a fit.</param>
/// <param name="Weight">What an episode of it counts for.</param>
/// <param name="Change">Makes it of a picture; null for the picture itself.</param>
internal sealed record PictureView(string Name, double Weight, Func<DecodedImage, DecodedImage>? Change)
{
    // Chosen on the validation classes of several data sets: as hard as photographs of other sources are.
    private const int SmallSide = 24;

    /// <summary>The picture itself, and a small copy of it.</summary>
    public static IReadOnlyList<PictureView> All { get; } = [new("whole", 1, null), new("small", 0.5, Shrink)];

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
