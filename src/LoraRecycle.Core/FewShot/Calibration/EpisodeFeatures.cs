namespace LoraRecycle.Core.FewShot.Calibration;

/// <summary>
/// What an episode's support set tells about how far its distances can be trusted, without a label of any query: how many shots
/// there are, how unevenly far apart the prototypes are, and how far apart they are at all.
/// </summary>
/// <remarks>
/// Where classes are unevenly far apart, distances hang together with few directions of the embedding, and a ratio of two tells
/// less. The same holds where all prototypes lie close together beside their own length, as those of similar classes do.
/// </remarks>
internal static class EpisodeFeatures
{
    /// <summary>How many numbers there are.</summary>
    public const int Count = 5;

    // With few classes the unevenness can hardly be measured: what is usual counts as three pairs of classes.
    private const double UsualUnevenness = 0.1;
    private const double UsualPairs = 3;

    /// <summary>Of a support set's prototypes.</summary>
    /// <param name="prototypes">The classes' means, <c>[ways][embedding]</c>.</param>
    /// <param name="shots">Distinct images of each class.</param>
    /// <param name="meanSquare">The mean squared distance of two prototypes.</param>
    /// <returns>1, ln shots, ln unevenness, its square (both about the usual one), ln of the distance over the length.</returns>
    public static double[] Of(IReadOnlyList<ReadOnlyMemory<float>> prototypes, IReadOnlyList<int> shots, out double meanSquare)
    {
        var ways = prototypes.Count;
        var origin = new float[prototypes[0].Length];
        var (rows, total, squares) = (new double[ways], 0.0, 0.0);
        var distances = new double[ways, ways];
        for (var i = 0; i < ways; i++)
            for (var j = i + 1; j < ways; j++)
            {
                var squared = Vectors.SquaredDistance(prototypes[i].Span, prototypes[j].Span);
                var distance = distances[i, j] = distances[j, i] = Math.Sqrt(squared);
                (rows[i], rows[j]) = (rows[i] + distance, rows[j] + distance);
                (total, squares) = (total + (2 * distance), squares + (2 * squared));
            }
        var pairs = (double)ways * (ways - 1);
        var mean = total / pairs;
        meanSquare = squares / pairs;
        var residual = 0.0;
        for (var i = 0; i < ways; i++)
            for (var j = 0; j < ways; j++)
                if (i != j)
                    residual += Math.Pow(distances[i, j] - (rows[i] / (ways - 1)), 2);
        var scatter = mean > 0 ? residual / 2 / (mean * mean) : 0;
        var unevenness = Math.Log(Math.Sqrt(
            ((UsualPairs * UsualUnevenness * UsualUnevenness) + scatter) / (UsualPairs + (ways * (ways - 2) / 2.0))) / UsualUnevenness);
        var length = prototypes.Average(prototype => Vectors.SquaredDistance(prototype.Span, origin));
        // A mean of k shots has 1/k of an image's noise: what counts for an episode of different shots is the mean of that.
        var logShots = -Math.Log(shots.Average(count => 1.0 / count));
        var apart = length > 0 && meanSquare > 0 ? Math.Clamp(Math.Log(meanSquare / length), -4, 1) : 0;
        return [1, logShots, unevenness, unevenness * unevenness, apart];
    }
}
