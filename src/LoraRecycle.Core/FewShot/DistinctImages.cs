namespace LoraRecycle.Core.FewShot;

/// <summary>A support set in which copies of one picture count once: a copy tells nothing about how far a class reaches.</summary>
internal static class DistinctImages
{
    /// <summary>The support set with each embedding once a class; itself where none comes twice.</summary>
    public static SupportSet Of(SupportSet support)
    {
        var distinct = support.Classes.Select(one => one.Embeddings.Distinct(SameValues.Instance).ToArray()).ToArray();
        return support.Classes.Zip(distinct).All(pair => pair.First.Embeddings.Count == pair.Second.Length)
            ? support
            : new SupportSet([.. support.Classes.Zip(distinct, (one, embeddings) => new SupportClass(one.Label, embeddings))]);
    }

    /// <summary>One picture has one embedding, to the last bit, so copies are equal in every value.</summary>
    private sealed class SameValues : IEqualityComparer<float[]>
    {
        public static SameValues Instance { get; } = new();

        public bool Equals(float[]? x, float[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(float[] values)
        {
            var hash = new HashCode();
            foreach (var value in values.AsSpan(0, Math.Min(values.Length, 8)))
                hash.Add(value);
            return hash.ToHashCode();
        }
    }
}
