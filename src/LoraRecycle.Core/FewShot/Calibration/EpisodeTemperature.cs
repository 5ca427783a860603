namespace LoraRecycle.Core.FewShot.Calibration;

/// <summary>How an episode's distances become probabilities.</summary>
/// <param name="Value">
/// The temperature, in the unit of a distance: a class's logit is minus the Euclidean distance to its prototype over it. Null for
/// no calibration: the logit is minus the squared distance.
/// </param>
/// <param name="Source">Where it comes from.</param>
public readonly record struct EpisodeTemperature(double? Value, CalibrationSource Source)
{
    /// <summary>No calibration.</summary>
    public static EpisodeTemperature None { get; } = new(null, CalibrationSource.None);

    /// <summary>The probability of the nearest class.</summary>
    /// <param name="squaredDistances">Of a query to each class.</param>
    internal double OfNearest(IReadOnlyCollection<double> squaredDistances)
    {
        var (self, largest) = (this, Logit(squaredDistances.Min()));
        return 1 / squaredDistances.Sum(squared => Math.Exp(self.Logit(squared) - largest));
    }

    /// <summary>The logit of a class at a squared distance.</summary>
    internal double Logit(double squaredDistance) =>
        Value is { } temperature ? -Math.Sqrt(squaredDistance) / temperature : -squaredDistance;
}
