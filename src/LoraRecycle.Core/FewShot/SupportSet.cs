namespace LoraRecycle.Core.FewShot;

/// <summary>The labelled side of an episode: N classes ("ways") with one or more embeddings ("shots") each.</summary>
public sealed class SupportSet
{
    /// <param name="classes">At least two classes with distinct labels and embeddings of one length; they may have different numbers of
    /// shots.</param>
    /// <exception cref="ArgumentException">Fewer than two classes, a label given twice, or embeddings of different lengths.</exception>
    public SupportSet(IReadOnlyList<SupportClass> classes)
    {
        ArgumentNullException.ThrowIfNull(classes);
        if (classes.Count < 2)
            throw new ArgumentException($"A support set needs at least 2 classes; got {classes.Count}.", nameof(classes));
        var labels = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in classes)
        {
            if (!labels.Add(item.Label))
                throw new ArgumentException($"The label '{item.Label}' occurs twice; put its embeddings in one class.", nameof(classes));
            if (item.Embeddings[0].Length != classes[0].Embeddings[0].Length)
                throw new ArgumentException(
                    $"All classes must come from one model: class '{classes[0].Label}' has embeddings of length "
                        + $"{classes[0].Embeddings[0].Length}, class '{item.Label}' of length {item.Embeddings[0].Length}.",
                    nameof(classes));
        }
        Classes = classes;
    }

    public IReadOnlyList<SupportClass> Classes { get; }

    /// <summary>The number of classes, N of "N-way".</summary>
    public int Ways => Classes.Count;

    public int EmbeddingLength => Classes[0].Embeddings[0].Length;
}
