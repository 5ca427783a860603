namespace LoraRecycle.Core.Evaluation.Calibration;

/// <summary>How much probabilities meant over the episodes of one shape.</summary>
/// <param name="ExpectedCalibrationError">With fifteen bins; a fraction of 1.</param>
/// <param name="MeanConfidence">The mean probability of the labels that were given.</param>
/// <param name="Bins">The reliability diagram.</param>
public sealed record Reliability(double ExpectedCalibrationError, double MeanConfidence, IReadOnlyList<ReliabilityBin> Bins)
{
    /// <summary>What bins come to.</summary>
    public static Reliability Of(ReliabilityBins bins) => new(bins.ExpectedError, bins.MeanConfidence, bins.Filled);
}
