namespace LoraRecycle.Core.FewShot.Calibration;

/// <summary>The support images as labelled queries, each against its own class without it: what they say of an episode's
/// sharpness.</summary>
internal sealed class LeftOutImages
{
    private readonly List<double[]> _distances = [];

    /// <param name="support">Of distinct images; those whose class has no other are not left out.</param>
    /// <param name="prototypes">Its classes' means.</param>
    /// <param name="meanSquare">The mean squared distance of two prototypes, the unit of distances.</param>
    public LeftOutImages(SupportSet support, IReadOnlyList<ReadOnlyMemory<float>> prototypes, double meanSquare)
    {
        foreach (var (own, isAlone, squared) in LeftOutImage.Of(support, prototypes))
        {
            if (isAlone)
                continue;
            double[] distances = [.. squared.Select(distance => Math.Sqrt(distance / meanSquare))];
            (distances[0], distances[own]) = (distances[own], distances[0]); // its own class first
            _distances.Add(distances);
        }
    }

    /// <summary>The logarithm of the sharpness that is most probable given the left-out images and a normal prior.</summary>
    /// <param name="mean">The prior's mean.</param>
    /// <param name="deviation">Its standard deviation.</param>
    public double MostProbable(double mean, double deviation)
    {
        if (_distances.Count == 0)
            return mean;
        // Newton's steps with the Fisher information as curvature, which is never negative; the prior keeps them short.
        var log = mean;
        for (var step = 0; step < 50; step++)
        {
            var (slope, curvature) = ((log - mean) / (deviation * deviation), 1 / (deviation * deviation));
            foreach (var distances in _distances)
            {
                var loss = SharpnessLoss.Of(distances, 0, Math.Exp(log));
                (slope, curvature) = (slope + loss.Slope, curvature + loss.Curvature);
            }
            var change = Math.Clamp(slope / curvature, -0.5, 0.5);
            log -= change;
            if (Math.Abs(change) < 1e-9)
                break;
        }
        return Math.Clamp(log, mean - (6 * deviation), mean + (6 * deviation));
    }
}
