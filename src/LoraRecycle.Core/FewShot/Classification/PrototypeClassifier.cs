using LoraRecycle.Core.FewShot.Calibration;

namespace LoraRecycle.Core.FewShot.Classification;

/// <summary>
/// Nearest-prototype classification without tuning: a query belongs to the class whose prototype is nearest, and its
/// probabilities are a softmax over distances. Without calibration logits are minus the squared Euclidean distances (Hu et al.
/// 2025, section 3; Snell et al. 2017, equation 2); with one, minus the distances over a temperature.
/// </summary>
public sealed class PrototypeClassifier
{
    private readonly Prototype[] _prototypes;
    private readonly int _embeddingLength;

    /// <param name="prototypes">At least two, with distinct labels and centers of one length.</param>
    /// <exception cref="ArgumentException">Fewer than two prototypes, a label twice, or centers that differ in length or are not
    /// finite.</exception>
    public PrototypeClassifier(IEnumerable<Prototype> prototypes)
    {
        _prototypes = [.. prototypes];
        if (_prototypes.Length < 2)
            throw new ArgumentException($"Classification needs at least 2 prototypes; got {_prototypes.Length}.", nameof(prototypes));
        _embeddingLength = _prototypes[0].Center.Length;
        foreach (var prototype in _prototypes)
        {
            if (prototype.Center.Length != _embeddingLength)
                throw new ArgumentException(
                    $"Prototypes must have one length: '{_prototypes[0].Label}' has {_embeddingLength}, '{prototype.Label}' has "
                        + $"{prototype.Center.Length}.",
                    nameof(prototypes));
            Vectors.ThrowIfNotFinite(prototype.Center.Span, $"Prototype '{prototype.Label}'", nameof(prototypes));
        }
        // Kept in the order of the tie rule, so a stable order of equal distances needs no second look at the labels.
        Array.Sort(_prototypes, (a, b) => string.CompareOrdinal(a.Label, b.Label));
        for (var i = 1; i < _prototypes.Length; i++)
            if (_prototypes[i].Label == _prototypes[i - 1].Label)
                throw new ArgumentException(
                    $"The label '{_prototypes[i].Label}' occurs twice; a class has one prototype.",
                    nameof(prototypes)
                );
    }

    /// <param name="support">The classes and their images.</param>
    /// <param name="calibration">What makes probabilities of distances; null for none.</param>
    public PrototypeClassifier(SupportSet support, TemperatureCalibration? calibration = null)
        : this(support.Classes.Select(Prototype.Of)) => Temperature = calibration?.Of(support) ?? EpisodeTemperature.None;

    /// <summary>How distances become probabilities.</summary>
    public EpisodeTemperature Temperature { get; } = EpisodeTemperature.None;

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
            throw new ArgumentException(
                $"The query must have the prototypes' length {_embeddingLength}; got {query.Length}.",
                nameof(query)
            );
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
        var largest = Temperature.Logit(distances[order[0]]);
        var weights = new double[order.Length];
        var total = 0.0;
        for (var i = 0; i < order.Length; i++)
            total += weights[i] = Math.Exp(Temperature.Logit(distances[order[i]]) - largest);

        var scores = new ClassScore[order.Length];
        for (var i = 0; i < order.Length; i++)
            scores[i] = new ClassScore(_prototypes[order[i]].Label, weights[i] / total, distances[order[i]]);
        return new Prediction(scores);
    }
}
