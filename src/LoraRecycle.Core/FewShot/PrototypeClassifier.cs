namespace LoraRecycle.Core.FewShot;

/// <summary>
/// Nearest-prototype classification without tuning: a query's logit for a class is minus the squared Euclidean distance
/// to the class's prototype, its probabilities are the softmax of the logits (Hu et al. 2025, section 3; Snell et al. 2017, equation 2).
/// </summary>
public sealed class PrototypeClassifier
{
    private readonly Prototype[] _prototypes;
    private readonly int _embeddingLength;

    /// <param name="prototypes">At least two, with distinct labels and centers of one length.</param>
    /// <exception cref="ArgumentException">Fewer than two prototypes, a label twice, or centers that differ in length or are not finite.</exception>
    public PrototypeClassifier(IEnumerable<Prototype> prototypes)
    {
        _prototypes = [.. prototypes];
        if (_prototypes.Length < 2)
            throw new ArgumentException($"Classification needs at least 2 prototypes; {_prototypes.Length} came.", nameof(prototypes));
        _embeddingLength = _prototypes[0].Center.Length;
        foreach (var prototype in _prototypes)
        {
            if (prototype.Center.Length != _embeddingLength)
                throw new ArgumentException(
                    $"Prototypes must have one length: '{_prototypes[0].Label}' has {_embeddingLength}, '{prototype.Label}' has {prototype.Center.Length}.",
                    nameof(prototypes));
            Vectors.ThrowIfNotFinite(prototype.Center.Span, $"Prototype '{prototype.Label}'", nameof(prototypes));
        }
        // Kept in the order of the tie rule, so a stable order of equal distances needs no second look at the labels.
        Array.Sort(_prototypes, (a, b) => string.CompareOrdinal(a.Label, b.Label));
        for (var i = 1; i < _prototypes.Length; i++)
            if (_prototypes[i].Label == _prototypes[i - 1].Label)
                throw new ArgumentException($"The label '{_prototypes[i].Label}' came twice; a class has one prototype.", nameof(prototypes));
    }

    public PrototypeClassifier(SupportSet support) : this(support.Classes.Select(Prototype.Of)) { }

    /// <summary>The prototypes, by ordinal order of their labels.</summary>
    public IReadOnlyList<Prototype> Prototypes => _prototypes;

    /// <summary>
    /// Scores one query against every class. Scores come nearest first; classes at exactly the same distance come in
    /// ordinal order of their labels, so the answer does not depend on the order in which classes were given.
    /// </summary>
    /// <param name="query">The query's embedding, <c>[embedding]</c>.</param>
    /// <exception cref="ArgumentException">The query's length is not the prototypes', or it is not finite.</exception>
    public Prediction Classify(ReadOnlySpan<float> query)
    {
        if (query.Length != _embeddingLength)
            throw new ArgumentException($"The query must have the prototypes' length {_embeddingLength}; it has {query.Length}.", nameof(query));
        Vectors.ThrowIfNotFinite(query, "The query", nameof(query));

        var distances = new double[_prototypes.Length];
        var order = new int[_prototypes.Length];
        for (var i = 0; i < order.Length; i++)
        {
            distances[i] = Vectors.SquaredDistance(query, _prototypes[i].Center.Span);
            order[i] = i;
        }
        Array.Sort(order, (a, b) => distances[a] != distances[b] ? distances[a].CompareTo(distances[b]) : a.CompareTo(b));

        // The nearest class's logit is the largest; taking it off first keeps every exponent at or below 0.
        var nearest = distances[order[0]];
        var weights = new double[order.Length];
        var total = 0.0;
        for (var i = 0; i < order.Length; i++)
            total += weights[i] = Math.Exp(nearest - distances[order[i]]);

        var scores = new ClassScore[order.Length];
        for (var i = 0; i < order.Length; i++)
            scores[i] = new ClassScore(_prototypes[order[i]].Label, weights[i] / total, distances[order[i]]);
        return new Prediction(scores);
    }
}
