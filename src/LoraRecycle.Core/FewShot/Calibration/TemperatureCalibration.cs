namespace LoraRecycle.Core.FewShot.Calibration;

/// <summary>
/// Finds the temperature of an episode, so that of the answers that are given with a probability about that share is right. It
/// depends on the support set alone, so every class of every query is changed alike: labels and their order stay.
/// </summary>
/// <remarks>
/// The sharpness is the typical distance of two prototypes over the temperature. Its logarithm is a sum of
/// <see cref="EpisodeFeatures"/> times coefficients, which were fitted to a model on classes with labels. Where a class has several
/// images, each is left out in turn, and what that says is weighed against the sum (the most probable value under a normal prior).
/// </remarks>
public sealed class TemperatureCalibration
{
    /// <summary>How many coefficients there are.</summary>
    public const int Coefficients = EpisodeFeatures.Count;

    // How far the fitted sum is usually off, as a factor of e; and, without one, what models are usually like.
    private const double FittedDeviation = 0.4;
    private const double UsualLogSharpness = 2.7;
    private const double UsualDeviation = 0.7;

    private readonly double[]? _coefficients;

    private TemperatureCalibration(double[]? coefficients) => _coefficients = coefficients;

    /// <summary>For a model without a fitted calibration: support images alone.</summary>
    public static TemperatureCalibration SupportSetOnly { get; } = new(null);

    /// <param name="coefficients">As many as <see cref="Coefficients"/>, finite.</param>
    /// <exception cref="ArgumentException">There are more or fewer, or one is not finite.</exception>
    public static TemperatureCalibration Fitted(IReadOnlyList<double> coefficients)
    {
        ArgumentNullException.ThrowIfNull(coefficients);
        return Accepts(coefficients)
            ? new TemperatureCalibration([.. coefficients])
            : throw new ArgumentException(
                $"Expected {Coefficients} finite coefficients; got {string.Join(", ", coefficients)}.",
                nameof(coefficients)
            );
    }

    /// <summary>Whether there are as many as there must be, all finite.</summary>
    internal static bool Accepts(IReadOnlyList<double> coefficients) =>
        coefficients.Count == Coefficients && coefficients.All(double.IsFinite);

    /// <summary>The temperature for a support set; none where nothing is fitted and a class has a single image.</summary>
    public EpisodeTemperature Of(SupportSet support)
    {
        ArgumentNullException.ThrowIfNull(support);
        var distinct = DistinctImages.Of(support);
        if (_coefficients is null && distinct.Classes.Any(one => one.Embeddings.Count < 2))
            return EpisodeTemperature.None;
        var prototypes = distinct.Classes.Select(one => Prototype.Of(one).Center).ToArray();
        var features = EpisodeFeatures.Of(prototypes, [.. distinct.Classes.Select(one => one.Embeddings.Count)], out var meanSquare);
        if (meanSquare == 0)
            return EpisodeTemperature.None; // all classes are one point: every query is as far from each of them
        var (mean, deviation) = _coefficients is null
            ? (UsualLogSharpness, UsualDeviation)
            : (Sum(_coefficients, features), FittedDeviation);
        var sharpness = Math.Exp(new LeftOutImages(distinct, prototypes, meanSquare).MostProbable(mean, deviation));
        return new EpisodeTemperature(
            Math.Sqrt(meanSquare) / sharpness,
            _coefficients is null ? CalibrationSource.SupportSet : CalibrationSource.Fitted
        );
    }

    /// <summary>The logarithm of the sharpness that coefficients make of features, within what a double can hold.</summary>
    internal static double Sum(ReadOnlySpan<double> coefficients, ReadOnlySpan<double> features)
    {
        var sum = 0.0;
        for (var i = 0; i < features.Length; i++)
            sum += coefficients[i] * features[i];
        return Math.Clamp(sum, -5, 7);
    }
}
