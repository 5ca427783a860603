namespace LoraRecycle.Core.FewShot.Calibration;

/// <summary>The negative log-likelihood of a query's right class where logits are minus a sharpness times distances.</summary>
/// <param name="Value">In nats.</param>
/// <param name="Slope">Its derivative by the logarithm of the sharpness.</param>
/// <param name="Curvature">The Fisher information about that logarithm: the variance of the logits.</param>
internal readonly record struct SharpnessLoss(double Value, double Slope, double Curvature)
{
    /// <param name="distances">To each class.</param>
    /// <param name="right">The place of the right one.</param>
    /// <param name="sharpness">Above 0.</param>
    public static SharpnessLoss Of(ReadOnlySpan<double> distances, int right, double sharpness)
    {
        var nearest = distances[0];
        foreach (var distance in distances)
            nearest = Math.Min(nearest, distance);
        var (total, first, second) = (0.0, 0.0, 0.0);
        foreach (var distance in distances)
        {
            var logit = -sharpness * (distance - nearest);
            var weight = Math.Exp(logit);
            (total, first, second) = (total + weight, first + (weight * logit), second + (weight * logit * logit));
        }
        var (own, mean) = (-sharpness * (distances[right] - nearest), first / total);
        return new SharpnessLoss(Math.Log(total) - own, mean - own, Math.Max(0, (second / total) - (mean * mean)));
    }
}
