namespace LoraRecycle.Core.FewShot.Episodes;

/// <summary>Mean accuracy over episodes and the half width of its 95 % interval, both as fractions of 1.</summary>
/// <param name="Mean">Mean of the episodes' accuracies.</param>
/// <param name="HalfWidth">1.96 standard errors: 1.96 times the sample standard deviation over the root of the episodes' number.</param>
/// <param name="Episodes">How many episodes were averaged.</param>
public sealed record AccuracyInterval(double Mean, double HalfWidth, int Episodes)
{
    /// <summary>Of one accuracy nothing is known about the spread: its half width is 0.</summary>
    public static AccuracyInterval Of(IReadOnlyList<double> accuracies)
    {
        if (accuracies.Count == 0)
            throw new ArgumentException("An interval needs at least one accuracy.", nameof(accuracies));
        var mean = accuracies.Average();
        if (accuracies.Count == 1)
            return new AccuracyInterval(mean, 0, 1);
        var variance = accuracies.Sum(a => (a - mean) * (a - mean)) / (accuracies.Count - 1);
        return new AccuracyInterval(mean, 1.96 * Math.Sqrt(variance / accuracies.Count), accuracies.Count);
    }
}
