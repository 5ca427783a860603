namespace LoraRecycle.Core.FewShot;

/// <summary>A support image as a query, against a support set without it.</summary>
/// <param name="Own">The place of its class.</param>
/// <param name="IsAlone">Whether its class has no other image; nothing of its own class is known then, and that distance is 0.</param>
/// <param name="Distances">Squared, to each class's prototype: to its own as far as a query is that belongs to a class of all its
/// shots.</param>
internal readonly record struct LeftOutImage(int Own, bool IsAlone, double[] Distances)
{
    /// <param name="support">The support set.</param>
    /// <param name="prototypes">Its classes' means.</param>
    public static IEnumerable<LeftOutImage> Of(SupportSet support, IReadOnlyList<ReadOnlyMemory<float>> prototypes)
    {
        for (var own = 0; own < prototypes.Count; own++)
        {
            double shots = support.Classes[own].Embeddings.Count;
            foreach (var image in support.Classes[own].Embeddings)
            {
                var distances = new double[prototypes.Count];
                for (var i = 0; i < distances.Length; i++)
                    distances[i] = Vectors.SquaredDistance(image, prototypes[i].Span);
                // The mean without an image is K/(K-1) times as far from it as the mean with it; and a mean of K-1 shots
                // is farther from a query than one of K, by (1 + 1/(K-1)) / (1 + 1/K) = K^2 / (K^2 - 1) in squares. The one over the other:
                if (shots > 1)
                    distances[own] *= (shots + 1) / (shots - 1);
                yield return new LeftOutImage(own, shots == 1, distances);
            }
        }
    }
}
