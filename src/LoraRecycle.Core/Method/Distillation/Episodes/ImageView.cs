using LoraRecycle.Core.Foundation.Randomness;

namespace LoraRecycle.Core.Method.Distillation.Episodes;

/// <summary>What is seen of an image: which part of it, how turned, in which colours. Numbers alone, so that a device can apply many at
/// once.</summary>
internal static class ImageView
{
    /// <summary>Rows of [x, y, 1]: where in the image, from -1 to 1, a place of the view lies.</summary>
    public const int PlaceLength = 6;

    /// <summary>Rows of [red, green, blue, 1] in samples from 0 to 1.</summary>
    public const int ColourLength = 12;

    private static readonly float[] Luma = [0.299f, 0.587f, 0.114f];

    /// <param name="random">Advanced by as many numbers whatever is drawn.</param>
    /// <param name="augmentation">What may be drawn.</param>
    /// <param name="turns">Quarter turns, given by the class.</param>
    /// <param name="shown">The model's input as a share of the image's side.</param>
    /// <param name="place">Receives <see cref="PlaceLength"/> numbers.</param>
    /// <param name="colour">Receives <see cref="ColourLength"/> numbers.</param>
    /// <returns>Whether it is mirrored.</returns>
    public static bool Draw(
        ref SplitMix64 random,
        Augmentation augmentation,
        int turns,
        double shown,
        Span<float> place,
        Span<float> colour
    )
    {
        var mirrored = random.NextDouble() < 0.5 && augmentation.Mirror;
        var part = shown * (augmentation.SmallestCrop + ((1 - augmentation.SmallestCrop) * random.NextDouble()));
        var (x, y) = ((1 - part) * Around(ref random), (1 - part) * Around(ref random));
        var (wide, tall) = (
            part * (1 + (augmentation.Stretch * Around(ref random))),
            part * (1 + (augmentation.Stretch * Around(ref random)))
        );
        var (sin, cos) = Math.SinCos((turns * Math.PI / 2) + (augmentation.Rotation * Math.PI / 180 * Around(ref random)));
        if (mirrored)
            wide = -wide;
        (
            (ReadOnlySpan<float>)[(float)(wide * cos), (float)(-tall * sin), (float)x, (float)(wide * sin), (float)(tall * cos), (float)y]
        ).CopyTo(place);

        var (brightness, contrast, saturation) = (
            Factor(ref random, augmentation),
            Factor(ref random, augmentation),
            Factor(ref random, augmentation)
        );
        if (random.NextDouble() < augmentation.Grey)
            saturation = 0;
        for (var row = 0; row < 3; row++)
        {
            for (var column = 0; column < 3; column++)
                colour[(row * 4) + column] = (float)(
                    brightness * contrast * (((1 - saturation) * Luma[column]) + (row == column ? saturation : 0))
                );
            // Contrast is about mid-grey: an image's own mean would need a look at the pixels.
            colour[(row * 4) + 3] = (float)(0.5 * (1 - contrast));
        }
        return mirrored;
    }

    private static double Factor(ref SplitMix64 random, Augmentation augmentation) => 1 + (augmentation.Colour * Around(ref random));

    /// <summary>-1 to 1.</summary>
    private static double Around(ref SplitMix64 random) => (2 * random.NextDouble()) - 1;
}
