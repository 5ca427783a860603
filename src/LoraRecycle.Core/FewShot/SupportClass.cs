namespace LoraRecycle.Core.FewShot;

/// <summary>One class of a support set: its label and the embeddings of its labelled images (the shots).</summary>
public sealed class SupportClass
{
    /// <param name="label">The class's name; not empty.</param>
    /// <param name="embeddings">At least one embedding, all of one length, every value finite.</param>
    /// <exception cref="ArgumentException">The label is empty, there is no embedding, or the embeddings differ in length or are not
    /// finite.</exception>
    public SupportClass(string label, IReadOnlyList<float[]> embeddings)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(label);
        ArgumentNullException.ThrowIfNull(embeddings);
        if (embeddings.Count == 0)
            throw new ArgumentException($"Class '{label}' needs at least one support embedding; got none.", nameof(embeddings));
        var length = embeddings[0].Length;
        for (var shot = 0; shot < embeddings.Count; shot++)
        {
            if (embeddings[shot].Length != length || length == 0)
                throw new ArgumentException(
                    $"Support embeddings of class '{label}' must have one length of at least 1; embedding 0 has {length} values, "
                        + $"embedding {shot} has {embeddings[shot].Length}.",
                    nameof(embeddings));
            Vectors.ThrowIfNotFinite(embeddings[shot], $"Support embedding {shot} of class '{label}'", nameof(embeddings));
        }
        Label = label;
        Embeddings = embeddings;
    }

    public string Label { get; }

    /// <summary>The shots, <c>[shots][embedding]</c>.</summary>
    public IReadOnlyList<float[]> Embeddings { get; }
}
