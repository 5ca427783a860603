using LoraRecycle.Core.DataSets;
using LoraRecycle.Core.FewShot;
using LoraRecycle.Core.FewShot.Calibration;
using LoraRecycle.Core.FewShot.Episodes;

namespace LoraRecycle.Core.Evaluation.Calibration;

/// <summary>An episode as a fit sees it.</summary>
/// <param name="Support">Its support set.</param>
/// <param name="Features">Of its support set.</param>
/// <param name="Distances">Of each query to each class, over the typical distance of two prototypes: <c>[queries][ways]</c>.</param>
/// <param name="MeanSquare">The mean squared distance of two prototypes.</param>
/// <param name="Right">The place of each query's class.</param>
/// <param name="Weight">What a query counts for.</param>
internal sealed record CalibrationEpisode(
    SupportSet Support,
    double[] Features,
    double[][] Distances,
    double MeanSquare,
    int[] Right,
    double Weight
)
{
    /// <param name="classes">The classes by their numbers.</param>
    /// <param name="episode">Which images.</param>
    /// <param name="embeddings">Of each image.</param>
    /// <param name="weight">What the whole episode counts for.</param>
    public static CalibrationEpisode? Of(
        IReadOnlyList<ImageClass> classes, Episode episode, IReadOnlyDictionary<string, float[]> embeddings, double weight)
    {
        var support = new SupportSet([.. episode.Classes.Select(c => new SupportClass(classes[c.Class].Name, Embeddings(c, c.Support)))]);
        var prototypes = support.Classes.Select(one => Prototype.Of(one).Center).ToArray();
        var features = EpisodeFeatures.Of(prototypes, [.. support.Classes.Select(one => one.Embeddings.Count)], out var meanSquare);
        if (meanSquare == 0)
            return null;
        var (distances, right) = (new List<double[]>(), new List<int>());
        for (var own = 0; own < episode.Classes.Count; own++)
            foreach (var query in Embeddings(episode.Classes[own], episode.Classes[own].Queries))
            {
                distances.Add([.. prototypes.Select(prototype => Math.Sqrt(Vectors.SquaredDistance(query, prototype.Span) / meanSquare))]);
                right.Add(own);
            }
        return new CalibrationEpisode(support, features, [.. distances], meanSquare, [.. right], weight / right.Count);

        float[][] Embeddings(EpisodeClass c, IReadOnlyList<int> images) =>
            [.. images.Select(image => embeddings[classes[c.Class].Images[image]])];
    }

    /// <summary>The loss of its queries, with slope and curvature by the logarithm of the sharpness.</summary>
    public SharpnessLoss Loss(double logSharpness)
    {
        var (value, slope, curvature, sharpness) = (0.0, 0.0, 0.0, Math.Exp(logSharpness));
        for (var query = 0; query < Right.Length; query++)
        {
            var loss = SharpnessLoss.Of(Distances[query], Right[query], sharpness);
            (value, slope, curvature) = (value + loss.Value, slope + loss.Slope, curvature + loss.Curvature);
        }
        return new SharpnessLoss(Weight * value, Weight * slope, Weight * curvature);
    }

    /// <summary>What its answers are worth at a temperature.</summary>
    public ReliabilityBins Reliability(EpisodeTemperature temperature)
    {
        var bins = new ReliabilityBins();
        for (var query = 0; query < Right.Length; query++)
        {
            var squared = Distances[query].Select(distance => distance * distance * MeanSquare).ToArray();
            bins.Add(temperature.OfNearest(squared), Array.IndexOf(squared, squared.Min()) == Right[query]);
        }
        return bins;
    }
}
