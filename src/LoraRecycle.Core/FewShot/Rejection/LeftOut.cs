namespace LoraRecycle.Core.FewShot.Rejection;

/// <summary>The support images as queries, each against a support set without it, or without its class.</summary>
/// <param name="OfImages">The novelty of each image whose class has others: as that of a query which belongs to a class of all its
/// shots.</param>
/// <param name="OfClasses">The novelty of each image where its class is unknown: as that of a query which belongs to none.</param>
internal sealed record LeftOut(IReadOnlyList<double> OfImages, IReadOnlyList<double> OfClasses)
{
    public static LeftOut Of(SupportSet support, double spread)
    {
        var prototypes = support.Classes.Select(one => Prototype.Of(one).Center).ToArray();
        var (ofImages, ofClasses) = (new List<double>(), new List<double>());
        foreach (var (own, isAlone, distances) in LeftOutImage.Of(support, prototypes))
        {
            if (!isAlone)
                ofImages.Add(Novelty(distances, spread));
            distances[own] = double.PositiveInfinity;
            ofClasses.Add(Novelty(distances, spread));
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
