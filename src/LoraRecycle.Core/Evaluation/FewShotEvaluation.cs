using LoraRecycle.Core.FewShot;

namespace LoraRecycle.Core.Evaluation;

/// <summary>
/// Accuracy of nearest-prototype classification over many seeded episodes. Works on embeddings made beforehand: an
/// image is in many episodes and is embedded once.
/// </summary>
public sealed class FewShotEvaluation
{
    private readonly IReadOnlyList<ImageClass> _classes;
    private readonly EpisodeShape _shape;
    private readonly EpisodeSampler _sampler;
    private readonly int _episodes;

    /// <exception cref="DataSetException">The classes cannot fill the shape, or there is no episode to run.</exception>
    public FewShotEvaluation(IReadOnlyList<ImageClass> classes, EpisodeShape shape, int episodes, long seed)
    {
        if (episodes < 1)
            throw new DataSetException($"An evaluation needs at least 1 episode; got {episodes}.");
        _sampler = new EpisodeSampler(classes, shape, seed);
        (_classes, _shape, _episodes) = (classes, shape, episodes);
    }

    /// <summary>The images that its episodes use, each once.</summary>
    public IReadOnlySet<string> Images =>
        Enumerable.Range(0, _episodes).SelectMany(number => _sampler.Draw(number).Classes)
            .SelectMany(c => c.Support.Concat(c.Queries).Select(image => _classes[c.Class].Images[image]))
            .ToHashSet(StringComparer.Ordinal);

    /// <summary>Runs the episodes.</summary>
    /// <param name="embeddings">An embedding, <c>[embedding]</c>, for each of <see cref="Images"/>.</param>
    /// <param name="cancellation">Checked before each episode.</param>
    public AccuracyInterval Run(IReadOnlyDictionary<string, float[]> embeddings, CancellationToken cancellation = default)
    {
        var accuracies = new double[_episodes];
        // Each episode is drawn and scored from its number alone, so the order of execution cannot show in the result.
        Parallel.For(0, _episodes, new ParallelOptions { CancellationToken = cancellation },
            number => accuracies[number] = Accuracy(_sampler.Draw(number), embeddings));
        return AccuracyInterval.Of(accuracies);
    }

    /// <summary>As <see cref="Run"/>, as a row of a report.</summary>
    public EvaluationResult Report(IReadOnlyDictionary<string, float[]> embeddings, CancellationToken cancellation = default)
    {
        var accuracy = Run(embeddings, cancellation);
        return new EvaluationResult(_shape.Ways, _shape.Shots, _shape.Queries, _episodes, accuracy.Mean, accuracy.HalfWidth);
    }

    private double Accuracy(Episode episode, IReadOnlyDictionary<string, float[]> embeddings)
    {
        var classifier = new PrototypeClassifier(new SupportSet(
            [.. episode.Classes.Select(c => new SupportClass(_classes[c.Class].Name, Embeddings(c.Class, c.Support)))]));
        var right = 0;
        foreach (var c in episode.Classes)
            foreach (var query in Embeddings(c.Class, c.Queries))
                if (classifier.Classify(query).Best.Label == _classes[c.Class].Name)
                    right++;
        return (double)right / (_shape.Ways * _shape.Queries);

        float[][] Embeddings(int index, IReadOnlyList<int> images) =>
            [.. images.Select(image => embeddings[_classes[index].Images[image]])];
    }
}
