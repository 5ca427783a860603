using LoraRecycle.Core.FewShot.Calibration;
using LoraRecycle.Core.FewShot.Classification;
using LoraRecycle.Core.FewShot.Rejection;
using LoraRecycle.Service.Serving.Models;

namespace LoraRecycle.Service.Features.Classification;

/// <summary>What queries are answered with, whether their classes came with them or were stored.</summary>
/// <param name="Classifier">The prototypes.</param>
/// <param name="Threshold">Where rejection begins; null for no rejection.</param>
/// <param name="Model">The foundation model.</param>
/// <param name="Adapter">What was merged into it for all of the embeddings.</param>
internal sealed record Answer(PrototypeClassifier Classifier, RejectionThreshold? Threshold, ModelDescription Model, ServedAdapter Adapter)
{
    /// <param name="queries">The queries' embeddings.</param>
    /// <param name="embedded">How they, and what else the request brought, became embeddings.</param>
    /// <param name="total">Since the request began.</param>
    public ClassifyResponse To(IEnumerable<float[]> queries, EmbeddedImages embedded, TimeSpan total) =>
        new(
            [.. queries.Select((query, place) => Predict(place, query))],
            new AnsweringModel(Model.Id, Adapter.Id, Adapter == ServedAdapter.None ? null : Adapter.Revision),
            new ClassifyTiming(
                Math.Round(embedded.DecodeTime.TotalMilliseconds, 3),
                Math.Round(embedded.EmbedTime.TotalMilliseconds, 3),
                Math.Round(total.TotalMilliseconds, 3)
            ),
            new CacheUse(embedded.CacheHits, embedded.CacheMisses),
            CalibrationNames.Of(Classifier.Temperature.Source),
            Threshold is null ? null : new RejectionUse(Threshold.FalseRejectionRate, Threshold.Value)
        );

    private QueryPrediction Predict(int place, float[] query)
    {
        var prediction = Classifier.Classify(query);
        var novelty = Threshold?.NoveltyOf(prediction);
        return new QueryPrediction(
            place, novelty is { } value && Threshold!.Rejects(value) ? null : prediction.Best.Label, prediction.Best.Probability,
            [.. prediction.Scores.Select(score => new QueryScore(score.Label, score.Probability, score.Distance))], novelty);
    }
}
