namespace LoraRecycle.Core.FewShot.Rejection;

/// <summary>The support images as queries, each against a support set without it, or without its class.</summary>
/// <param name="OfImages">The novelty of each image whose class has others: as that of a query which belongs to a class of all its shots.</param>
/// <param name="OfClasses">The novelty of each image where its class is unknown: as that of a query which belongs to none.</param>
internal sealed record LeftOut(IReadOnlyList<double> OfImages, IReadOnlyList<double> OfClasses)
{
    public static LeftOut Of(SupportSet support, double spread)
    {
        var prototypes = support.Classes.Select(one => Prototype.Of(one).Center).ToArray();
        var distances = new double[prototypes.Length];
        var (ofImages, ofClasses) = (new List<double>(), new List<double>());
        for (var own = 0; own < prototypes.Length; own++)
        {
            double shots = support.Classes[own].Embeddings.Count;
            foreach (var image in support.Classes[own].Embeddings)
            {
                for (var i = 0; i < prototypes.Length; i++)
                    distances[i] = Vectors.SquaredDistance(image, prototypes[i].Span);
                if (shots > 1)
                {
                    // The mean without an image is K/(K-1) times as far from it as the mean with it; and a mean of K-1 shots
                    // is farther from a query than one of K, by (1 + 1/(K-1)) / (1 + 1/K) = K^2 / (K^2 - 1) in squares. The one over the other:
                    distances[own] *= (shots + 1) / (shots - 1);
                    ofImages.Add(Novelty(distances, spread));
                }
                distances[own] = double.PositiveInfinity;
                ofClasses.Add(Novelty(distances, spread));
            }
        }
        return new LeftOut(ofImages, ofClasses);
    }

    /// <param name="distances">Squared distances to prototypes; an infinite one is left out.</param>
    /// <param name="spread">As <see cref="Rejection.Novelty"/> has it.</param>
    private static double Novelty(double[] distances, double spread)
    {
        var (nearest, sum, count) = (double.PositiveInfinity, 0.0, 0);
        foreach (var distance in distances)
        {
            if (double.IsPositiveInfinity(distance))
                continue;
            nearest = Math.Min(nearest, distance);
            sum += distance;
            count++;
        }
        // Of two classes without one there is no other prototype than the nearest.
        return Rejection.Novelty.Of(nearest, count > 1 ? (sum - nearest) / (count - 1) : nearest, spread);
    }
}
