using LoraRecycle.Core.DataSets;
using LoraRecycle.Core.Evaluation.Calibration;
using LoraRecycle.Core.FewShot;
using LoraRecycle.Core.FewShot.Calibration;
using LoraRecycle.Core.FewShot.Classification;
using LoraRecycle.Core.FewShot.Episodes;

namespace LoraRecycle.Core.Evaluation.Reports;

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
    public IReadOnlySet<string> Images => _sampler.Images(_episodes);

    /// <summary>Runs the episodes.</summary>
    /// <param name="embeddings">An embedding, <c>[embedding]</c>, for each of <see cref="Images"/>.</param>
    /// <param name="cancellation">Checked before each episode.</param>
    public AccuracyInterval Run(IReadOnlyDictionary<string, float[]> embeddings, CancellationToken cancellation = default) =>
        AccuracyInterval.Of([.. Outcomes(embeddings, calibration: null, cancellation).Select(outcome => outcome.Accuracy)]);

    /// <summary>As <see cref="Run"/>, as a row of a report, with what probabilities are worth before and after calibration.</summary>
    public EvaluationResult Report(
        IReadOnlyDictionary<string, float[]> embeddings, TemperatureCalibration calibration, CancellationToken cancellation = default)
    {
        var outcomes = Outcomes(embeddings, calibration, cancellation);
        var accuracy = AccuracyInterval.Of([.. outcomes.Select(outcome => outcome.Accuracy)]);
        var (before, after) = (new ReliabilityBins(), new ReliabilityBins());
        foreach (var outcome in outcomes)
        {
            before.Add(outcome.Uncalibrated);
            after.Add(outcome.Calibrated);
        }
        return new EvaluationResult(
            _shape.Ways,
            _shape.Shots,
            _shape.Queries,
            _episodes,
            accuracy.Mean,
            accuracy.HalfWidth,
            Reliability.Of(before),
            Reliability.Of(after)
        );
    }

    private Outcome[] Outcomes(
        IReadOnlyDictionary<string, float[]> embeddings,
        TemperatureCalibration? calibration,
        CancellationToken cancellation
    )
    {
        var outcomes = new Outcome[_episodes];
        // Each episode is drawn and scored from its number alone, so the order of execution cannot show in the result.
        Parallel.For(0, _episodes, new ParallelOptions { CancellationToken = cancellation },
            number => outcomes[number] = Score(_sampler.Draw(number), embeddings, calibration));
        return outcomes;
    }

    private Outcome Score(Episode episode, IReadOnlyDictionary<string, float[]> embeddings, TemperatureCalibration? calibration)
    {
        var support = new SupportSet([
            .. episode.Classes.Select(c => new SupportClass(_classes[c.Class].Name, Embeddings(c.Class, c.Support))),
        ]);
        var classifier = new PrototypeClassifier(support, calibration);
        var (before, after, right) = (new ReliabilityBins(), new ReliabilityBins(), 0);
        foreach (var c in episode.Classes)
            foreach (var query in Embeddings(c.Class, c.Queries))
            {
                var prediction = classifier.Classify(query);
                var isRight = prediction.Best.Label == _classes[c.Class].Name;
                right += isRight ? 1 : 0;
                before.Add(EpisodeTemperature.None.OfNearest([.. prediction.Scores.Select(score => score.Distance)]), isRight);
                after.Add(prediction.Best.Probability, isRight);
            }
        return new Outcome((double)right / (_shape.Ways * _shape.Queries), before, after);

        float[][] Embeddings(int index, IReadOnlyList<int> images) =>
            [.. images.Select(image => embeddings[_classes[index].Images[image]])];
    }

    private sealed record Outcome(double Accuracy, ReliabilityBins Uncalibrated, ReliabilityBins Calibrated);
}
