using System.Text.Json.Serialization;

namespace LoraRecycle.Service.Features.Classification;

/// <summary>The answer to one episode.</summary>
/// <param name="Predictions">One for each query, in the order of the queries.</param>
/// <param name="Model">What answered.</param>
/// <param name="Timing">How long it took.</param>
/// <param name="Cache">How many images were known already.</param>
/// <param name="Calibration">Where the probabilities come from: "fitted" for the calibration of the model and what it wears; "support-set" where it has none, for the support images alone; "none" where a class has too few for that, and probabilities are far too sure.</param>
/// <param name="Reject">How queries were rejected; left out where no rejection was asked for.</param>
/// <param name="Embeddings">What the model made of the images; left out where that was not asked for.</param>
public sealed record ClassifyResponse(
    IReadOnlyList<QueryPrediction> Predictions, AnsweringModel Model, ClassifyTiming Timing, CacheUse Cache, string Calibration,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] RejectionUse? Reject,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] EpisodeEmbeddings? Embeddings = null);

/// <summary>The decision for one query.</summary>
/// <param name="Query">The query's place in the request, from 0.</param>
/// <param name="Label">The most probable class; null for a query that is rejected, because it belongs to no class.</param>
/// <param name="Probability">The probability of the most probable class, given that the query belongs to one: of the answers that are given with 0.9, about nine in ten are right.</param>
/// <param name="Scores">Every class, the most probable first; equally distant ones in ordinal order of their labels.</param>
/// <param name="Novelty">How unlike all classes it is: rejected above the threshold. Left out where no rejection was asked for.</param>
public sealed record QueryPrediction(
    int Query, string? Label, double Probability, IReadOnlyList<QueryScore> Scores,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Novelty);

/// <summary>The embeddings of an episode's images, as distances are taken of them.</summary>
/// <param name="Support">Those of the support images, by class, in the order of the request.</param>
/// <param name="Queries">Those of the queries, in the order of the request.</param>
public sealed record EpisodeEmbeddings(IReadOnlyList<ClassEmbeddings> Support, IReadOnlyList<float[]> Queries);

/// <summary>The embeddings of one class's support images; their mean is its prototype.</summary>
/// <param name="Label">The class.</param>
/// <param name="Images">One for each image, in the order of the request.</param>
public sealed record ClassEmbeddings(string Label, IReadOnlyList<float[]> Images);

/// <summary>How queries were rejected.</summary>
/// <param name="FalseRejectionRate">The share of queries of the classes that may be rejected, as it was asked for.</param>
/// <param name="Threshold">The novelty above which a query is rejected, calibrated on the support images.</param>
public sealed record RejectionUse(double FalseRejectionRate, double Threshold);

/// <summary>How well a query fits one class.</summary>
/// <param name="Label">The class.</param>
/// <param name="Probability">The softmax, over the classes, of minus the root of the distance over a temperature. The probabilities of a query sum to 1.</param>
/// <param name="Distance">The squared Euclidean distance of the query's embedding to the mean of the class's.</param>
public readonly record struct QueryScore(string Label, double Probability, double Distance);

/// <summary>What answered.</summary>
/// <param name="Vfm">The foundation model.</param>
/// <param name="MetaLora">The id of the meta-LoRA merged into it; "none" for the bare model.</param>
/// <param name="MetaLoraRevision">SHA-256 over the meta-LoRA's files; null for the bare model.</param>
public sealed record AnsweringModel(string Vfm, string MetaLora, string? MetaLoraRevision);

/// <summary>Milliseconds, as a clock on the wall sees them.</summary>
/// <param name="DecodeMs">Until the last image was decoded.</param>
/// <param name="EmbedMs">From then until the last embedding was there, the wait in the queue included.</param>
/// <param name="TotalMs">From the request's first header to the answer, so also what the body took to arrive.</param>
public sealed record ClassifyTiming(double DecodeMs, double EmbedMs, double TotalMs);

/// <summary>Hits and misses add up to the images of the request.</summary>
/// <param name="Hits">Images whose embedding was cached, or which came twice in the request.</param>
/// <param name="Misses">Images that were decoded and embedded.</param>
public sealed record CacheUse(int Hits, int Misses);
