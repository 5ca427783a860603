using LoraRecycle.Core.FewShot.Classification;

namespace LoraRecycle.Core.FewShot.Rejection;

/// <summary>
/// Where the queries that belong to no class begin: a bound on <see cref="Novelty"/>, calibrated on the support set so that of
/// queries which do belong to a class about a given share is rejected.
/// </summary>
/// <remarks>
/// The novelty of known queries is nearly normal. Its mean and variance are estimated from <see cref="LeftOut"/>: leaving one
/// image out tells the novelty of a known query, where a class has more than one. Leaving a whole class out tells that of an
/// unknown query, also with one shot; over tasks the one follows the other, by a line that was fitted on classes which no
/// figure in the documentation is of. What the line says counts as two left-out images (a normal prior with inverse-gamma
/// variance), so it decides alone with one shot in every class and hardly matters with five. The bound is the quantile of the
/// posterior predictive distribution, taken as normal. Copies of one picture count once: left out, one would be found at a
/// novelty of nearly 0, which says nothing of another picture of the class.
/// </remarks>
public sealed class RejectionThreshold
{
    /// <summary>The largest target that makes sense: beyond it more known queries would be rejected than kept.</summary>
    public const double LargestRate = 0.5;

    // The line: the mean novelty of known queries of a task, from the mean with the class left out and the number of classes.
    private const double Intercept = -0.34;
    private const double SlopeOfUnknown = 1.18;
    private const double SlopeOfWays = 0.057;
    private const int LeastWays = 3;
    private const int MostWays = 20;

    /// <summary>The spread of known queries within a task, and its variance over that of the line's error.</summary>
    private const double PriorDeviation = 0.086;
    private const double PriorCount = 2;

    private RejectionThreshold(double falseRejectionRate, double spread, double value) =>
        (FalseRejectionRate, Spread, Value) = (falseRejectionRate, spread, value);

    /// <summary>The share of known queries that it was calibrated to reject.</summary>
    public double FalseRejectionRate { get; }

    /// <summary>The mean squared distance of support images of different classes.</summary>
    public double Spread { get; }

    /// <summary>A query whose novelty is above it belongs to no class.</summary>
    public double Value { get; }

    /// <param name="support">The support set; classes may have one shot.</param>
    /// <param name="falseRejectionRate">The target, above 0 and at most <see cref="LargestRate"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The target is not.</exception>
    public static RejectionThreshold Calibrate(SupportSet support, double falseRejectionRate)
    {
        ArgumentNullException.ThrowIfNull(support);
        if (!(falseRejectionRate is > 0 and <= LargestRate))
            throw new ArgumentOutOfRangeException(
                nameof(falseRejectionRate),
                falseRejectionRate,
                $"Expected a share above 0 and at most {LargestRate}."
            );
        support = DistinctImages.Of(support);
        var spread = ClassSpread.Of(support);
        var leftOut = LeftOut.Of(support, spread);
        var known = leftOut.OfImages;
        var prior =
            Intercept
            + (SlopeOfUnknown * leftOut.OfClasses.Average())
            + (SlopeOfWays * Math.Log(Math.Clamp(support.Ways, LeastWays, MostWays)));

        // The normal-inverse-gamma posterior, with the same count for the prior's mean and variance.
        var count = PriorCount + known.Count;
        var mean = known.Count == 0 ? prior : known.Average();
        var center = ((PriorCount * prior) + (known.Count * mean)) / count;
        var squares = (PriorCount * PriorDeviation * PriorDeviation) + known.Sum(novelty => (novelty - mean) * (novelty - mean))
            + (PriorCount * known.Count / count * (mean - prior) * (mean - prior));
        var deviation = Math.Sqrt(squares / count * (1 + (1 / count)));
        return new RejectionThreshold(
            falseRejectionRate,
            spread,
            center + (NormalDistribution.Quantile(1 - falseRejectionRate) * deviation)
        );
    }

    /// <summary>How unlike all classes a query is.</summary>
    public double NoveltyOf(Prediction prediction) => Novelty.Of(prediction, Spread);

    /// <summary>Whether a query belongs to no class. One that lies on a prototype belongs to it, wherever the threshold is.</summary>
    public bool Rejects(double novelty) => novelty > 0 && novelty > Value;
}
