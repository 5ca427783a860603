using LoraRecycle.Core.DataSets;
using LoraRecycle.Core.FewShot;
using LoraRecycle.Core.FewShot.Classification;
using LoraRecycle.Core.FewShot.Episodes;
using LoraRecycle.Core.FewShot.Rejection;

namespace LoraRecycle.Core.Evaluation.Reports;

/// <summary>
/// How well queries that belong to no class are told from those that do, over seeded episodes: each has as many classes that
/// are not in its support set as classes that are.
/// </summary>
public sealed class RejectionEvaluation
{
    private readonly IReadOnlyList<ImageClass> _classes;
    private readonly EpisodeShape _shape;
    private readonly EpisodeSampler _sampler;
    private readonly int _episodes;

    /// <param name="classes">At least twice as many as the shape has ways.</param>
    /// <param name="shape">The support set's; as many unknown classes come to it.</param>
    /// <param name="episodes">How many.</param>
    /// <param name="seed">Of the episodes.</param>
    /// <exception cref="DataSetException">The classes cannot fill the shape, or there is no episode to run.</exception>
    public RejectionEvaluation(IReadOnlyList<ImageClass> classes, EpisodeShape shape, int episodes, long seed)
    {
        if (episodes < 1)
            throw new DataSetException($"An evaluation needs at least 1 episode; got {episodes}.");
        _sampler = new EpisodeSampler(classes, new EpisodeShape(2 * shape.Ways, shape.Shots, shape.Queries), seed);
        (_classes, _shape, _episodes) = (classes, shape, episodes);
    }

    /// <summary>The images that its episodes use, each once.</summary>
    public IReadOnlySet<string> Images => _sampler.Images(_episodes);

    /// <summary>Runs the episodes.</summary>
    /// <param name="embeddings">An embedding, <c>[embedding]</c>, for each of <see cref="Images"/>.</param>
    /// <param name="falseRejectionRate">What the threshold of each episode is calibrated to.</param>
    /// <param name="cancellation">Checked before each episode.</param>
    public RejectionResult Run(
        IReadOnlyDictionary<string, float[]> embeddings,
        double falseRejectionRate,
        CancellationToken cancellation = default
    )
    {
        var outcomes = new (double Auroc, double FalselyRejected, double FalselyAccepted)[_episodes];
        Parallel.For(0, _episodes, new ParallelOptions { CancellationToken = cancellation },
            number => outcomes[number] = Run(_sampler.Draw(number), embeddings, falseRejectionRate));
        var auroc = AccuracyInterval.Of([.. outcomes.Select(outcome => outcome.Auroc)]);
        var rejected = AccuracyInterval.Of([.. outcomes.Select(outcome => outcome.FalselyRejected)]);
        var accepted = AccuracyInterval.Of([.. outcomes.Select(outcome => outcome.FalselyAccepted)]);
        return new RejectionResult(
            _shape.Ways, _shape.Shots, _shape.Queries, _episodes, falseRejectionRate, auroc.Mean, auroc.HalfWidth,
            rejected.Mean, rejected.HalfWidth, accepted.Mean, accepted.HalfWidth);
    }

    private (double Auroc, double FalselyRejected, double FalselyAccepted) Run(
        Episode episode,
        IReadOnlyDictionary<string, float[]> embeddings,
        double rate
    )
    {
        var support = new SupportSet([
            .. episode.Classes.Take(_shape.Ways).Select(c => new SupportClass(_classes[c.Class].Name, [.. Embeddings(c, c.Support)])),
        ]);
        var (classifier, threshold) = (new PrototypeClassifier(support), RejectionThreshold.Calibrate(support, rate));
        var known = Novelties(episode.Classes.Take(_shape.Ways));
        var unknown = Novelties(episode.Classes.Skip(_shape.Ways));
        return (
            Auroc(known, unknown),
            (double)known.Count(threshold.Rejects) / known.Length,
            (double)unknown.Count(novelty => !threshold.Rejects(novelty)) / unknown.Length
        );

        IEnumerable<float[]> Embeddings(EpisodeClass c, IReadOnlyList<int> images) =>
            images.Select(image => embeddings[_classes[c.Class].Images[image]]);
        double[] Novelties(IEnumerable<EpisodeClass> classes) =>
            [.. classes.SelectMany(c => Embeddings(c, c.Queries)).Select(query => threshold.NoveltyOf(classifier.Classify(query)))];
    }

    /// <summary>The area under the ROC curve: the probability that an unknown query is more novel than a known one, a tie being half of
    /// that.</summary>
    internal static double Auroc(IReadOnlyList<double> known, IReadOnlyList<double> unknown)
    {
        var sum = 0.0;
        foreach (var above in unknown)
            foreach (var below in known)
                sum += above > below ? 1 : above == below ? 0.5 : 0;
        return sum / ((double)known.Count * unknown.Count);
    }
}

/// <summary>How rejection did over the episodes of one shape; rates and half widths of 95 % intervals are fractions of 1.</summary>
/// <param name="Ways">Classes of the support set, and classes that were not in it.</param>
/// <param name="Shots">Support images a class.</param>
/// <param name="Queries">Queries a class.</param>
/// <param name="Episodes">How many episodes.</param>
/// <param name="Target">The false-rejection rate that thresholds were calibrated to.</param>
/// <param name="Auroc">The mean over episodes of the area under the ROC curve, which no threshold has a part in.</param>
/// <param name="AurocInterval95">The half width of its interval.</param>
/// <param name="FalseRejections">The share of known queries that were rejected.</param>
/// <param name="FalseRejectionsInterval95">The half width of its interval.</param>
/// <param name="FalseAcceptances">The share of unknown queries that were not.</param>
/// <param name="FalseAcceptancesInterval95">The half width of its interval.</param>
public sealed record RejectionResult(
    int Ways, int Shots, int Queries, int Episodes, double Target, double Auroc, double AurocInterval95,
    double FalseRejections, double FalseRejectionsInterval95, double FalseAcceptances, double FalseAcceptancesInterval95);

/// <summary>What rejection was evaluated on, and how it came out: enough to repeat it.</summary>
/// <inheritdoc cref="EvaluationReport" path="/param"/>
public sealed record RejectionReport(
    string DataSet, string Part, int Classes, int Images, string Model, string Revision, string? Adapter, long Seed,
    IReadOnlyList<RejectionResult> Results);
