using LoraRecycle.Core.FewShot.Classification;

namespace LoraRecycle.Core.FewShot.Rejection;

/// <summary>
/// How unlike all classes a query is: its distance to the nearest prototype over the geometric mean of two typical distances,
/// that of the query to the other prototypes and that of support images of different classes. It is the middle between the
/// distance itself, which misses that some queries are far from everything, and the ratio of distances, which misses that a
/// query may be far from all alike. It has no unit, and of queries that belong to a class it is nearly normal.
/// </summary>
public static class Novelty
{
    /// <summary>Of a query that is somewhere, where all support images are one point; finite, as it is written as JSON.</summary>
    private const double Most = 1000;

    /// <param name="prediction">Of the query, over all classes.</param>
    /// <param name="spread">The mean squared distance of support images of different classes (<see cref="ClassSpread"/>).</param>
    public static double Of(Prediction prediction, double spread)
    {
        ArgumentNullException.ThrowIfNull(prediction);
        var others = 0.0;
        for (var i = 1; i < prediction.Scores.Count; i++)
            others += prediction.Scores[i].Distance;
        return Of(prediction.Best.Distance, others / (prediction.Scores.Count - 1), spread);
    }

    /// <param name="nearest">The squared distance to the nearest prototype.</param>
    /// <param name="others">The mean squared distance to the others.</param>
    /// <param name="spread">As above.</param>
    internal static double Of(double nearest, double others, double spread)
    {
        var typical = Math.Sqrt(others * spread);
        return nearest == 0 ? 0 : typical > 0 ? Math.Min(Most, Math.Sqrt(nearest / typical)) : Most;
    }
}
