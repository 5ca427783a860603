using LoraRecycle.Core.Foundation.Randomness;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Inversion.Optimization;

/// <summary>What the images of one LoRA shall be recognised as.</summary>
internal static class InversionTargets
{
    /// <summary>Class by class, as many of each; labels [count].</summary>
    public static long[] Labels(int classes, int imagesPerClass) =>
        [.. Enumerable.Range(0, classes).SelectMany(label => Enumerable.Repeat((long)label, imagesPerClass))];

    /// <summary>The distribution over classes that each image aims at; mixed ones hold 10 to 50 % of a second class.</summary>
    /// <returns>[count, classes], float32, in host memory.</returns>
    public static Tensor Of(int classes, InversionSettings settings)
    {
        var labels = Labels(classes, settings.ImagesPerClass);
        var values = new float[labels.Length * classes];
        var random = SplitMix64.OfStream(settings.Seed, -1);
        var mixed = settings.ImagesPerClass - (int)Math.Round(settings.MixedLabels * settings.ImagesPerClass);
        for (var i = 0; i < labels.Length; i++)
        {
            var second = (labels[i] + random.Between(1, classes - 1)) % classes;
            var share = (float)(0.1 + (0.4 * random.NextDouble()));
            if (i % settings.ImagesPerClass < mixed) share = 0;
            values[(i * classes) + labels[i]] = 1 - share;
            values[(i * classes) + second] = share;
        }
        return tensor(values, [labels.Length, classes]);
    }
}
