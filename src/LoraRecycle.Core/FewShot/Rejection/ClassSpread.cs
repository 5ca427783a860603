namespace LoraRecycle.Core.FewShot.Rejection;

/// <summary>How far apart support images of different classes are: what is near and what is far is told by it.</summary>
internal static class ClassSpread
{
    /// <summary>
    /// The mean squared distance over all pairs of images of different classes: all pairs' sum, which is the number of images
    /// times their scatter about the common mean, less that of each class's own pairs.
    /// </summary>
    public static double Of(SupportSet support)
    {
        var all = support.Classes.SelectMany(one => one.Embeddings).ToArray();
        var sum = all.Length * Scatter(all);
        var pairs = (double)all.Length * all.Length;
        foreach (var one in support.Classes)
        {
            sum -= one.Embeddings.Count * Scatter(one.Embeddings);
            pairs -= (double)one.Embeddings.Count * one.Embeddings.Count;
        }
        return Math.Max(0, sum / (pairs / 2));
    }

    /// <summary>The sum of squared distances to the mean.</summary>
    private static double Scatter(IReadOnlyList<float[]> embeddings)
    {
        if (embeddings.Count == 1)
            return 0;
        var mean = Prototype.Of(new SupportClass("-", embeddings)).Center.Span;
        var sum = 0.0;
        foreach (var embedding in embeddings)
            sum += Vectors.SquaredDistance(embedding, mean);
        return sum;
    }
}
