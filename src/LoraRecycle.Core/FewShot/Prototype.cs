namespace LoraRecycle.Core.FewShot;

/// <summary>What represents a class: the mean of its support embeddings (Snell et al. 2017, equation 1).</summary>
/// <param name="Label">The class's name.</param>
/// <param name="Center">The mean, <c>[embedding]</c>.</param>
/// <param name="Shots">How many embeddings it is the mean of.</param>
public sealed record Prototype(string Label, ReadOnlyMemory<float> Center, int Shots)
{
    /// <summary>The mean is taken in double precision, so the order of the shots does not show in it.</summary>
    public static Prototype Of(SupportClass support)
    {
        ArgumentNullException.ThrowIfNull(support);
        var sums = new double[support.Embeddings[0].Length];
        foreach (var embedding in support.Embeddings)
            Vectors.Accumulate(sums, embedding);
        var center = new float[sums.Length];
        for (var i = 0; i < center.Length; i++)
            center[i] = (float)(sums[i] / support.Embeddings.Count);
        return new Prototype(support.Label, center, support.Embeddings.Count);
    }
}
