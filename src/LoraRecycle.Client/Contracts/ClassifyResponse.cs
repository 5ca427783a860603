namespace LoraRecycle.Client.Contracts;

/// <summary>The answer to one episode.</summary>
/// <param name="Predictions">One prediction for each query, in the order of the queries.</param>
/// <param name="Model">The model that answered.</param>
/// <param name="Timing">How long the request took.</param>
/// <param name="Cache">How many images were in the cache.</param>
/// <param name="Calibration">What calibrated the probabilities: "fitted" for the stored calibration of the model with its meta-LoRA;
/// "support-set" for the support images of this request, when there is no stored calibration; "none" when a class also has too few images
/// for that: the probabilities are then far too confident.</param>
/// <param name="Reject">How queries were rejected; absent unless the request asked for rejection.</param>
/// <param name="Embeddings">The embeddings of the images; absent unless the request asked for them.</param>
public sealed record ClassifyResponse(
    IReadOnlyList<QueryPrediction> Predictions,
    AnsweringModel Model,
    ClassifyTiming Timing,
    CacheUse Cache,
    string Calibration,
    RejectionUse? Reject,
    EpisodeEmbeddings? Embeddings
);

/// <summary>The decision for one query.</summary>
/// <param name="Query">The query's place in the request, from 0.</param>
/// <param name="Label">The most probable class; null for a rejected query, which belongs to no class.</param>
/// <param name="Probability">The probability of the most probable class, given that the query belongs to one of the classes: about nine in
/// ten answers with 0.9 are right.</param>
/// <param name="Scores">Every class, most probable first; ties in ordinal order of their labels.</param>
/// <param name="Novelty">How unlike every class the query is; above the threshold it is rejected. Absent unless the request asked for
/// rejection.</param>
public sealed record QueryPrediction(
    int Query,
    string? Label,
    double Probability,
    IReadOnlyList<QueryScore> Scores,
    double? Novelty
);

/// <summary>How well a query fits one class.</summary>
/// <param name="Label">The class.</param>
/// <param name="Probability">The softmax, over the classes, of minus the root of the distance over a temperature. The probabilities of a
/// query sum to 1.</param>
/// <param name="Distance">The squared Euclidean distance between the query's embedding and the class's mean embedding.</param>
public sealed record QueryScore(string Label, double Probability, double Distance);

/// <summary>The model that answered.</summary>
/// <param name="Vfm">The foundation model.</param>
/// <param name="MetaLora">The id of the meta-LoRA merged into the model; "none" for the bare model.</param>
/// <param name="MetaLoraRevision">SHA-256 over the meta-LoRA's files; null for the bare model.</param>
public sealed record AnsweringModel(string Vfm, string MetaLora, string? MetaLoraRevision);

/// <summary>Wall-clock times in milliseconds.</summary>
/// <param name="DecodeMs">Time until the last image was decoded.</param>
/// <param name="EmbedMs">Time from then until the last embedding was ready, including the wait in the queue.</param>
/// <param name="TotalMs">Time from the request's first header to the answer, including the time the body took to arrive.</param>
public sealed record ClassifyTiming(double DecodeMs, double EmbedMs, double TotalMs);

/// <summary>Hits and misses add up to the number of images in the request.</summary>
/// <param name="Hits">Images whose embedding was cached, or that appear twice in the request.</param>
/// <param name="Misses">Images that were decoded and embedded.</param>
public sealed record CacheUse(int Hits, int Misses);

/// <summary>How queries were rejected.</summary>
/// <param name="FalseRejectionRate">The share of known queries that may be rejected, as requested.</param>
/// <param name="Threshold">The novelty above which a query is rejected, calibrated on the support images.</param>
public sealed record RejectionUse(double FalseRejectionRate, double Threshold);

/// <summary>The embeddings of an episode's images, as used for the distances.</summary>
/// <param name="Support">Embeddings of the support images, by class, in the order of the request.</param>
/// <param name="Queries">Embeddings of the queries, in the order of the request.</param>
public sealed record EpisodeEmbeddings(
    IReadOnlyList<ClassEmbeddings> Support,
    IReadOnlyList<IReadOnlyList<float>> Queries
);

/// <summary>The embeddings of one class's support images; their mean is its prototype.</summary>
/// <param name="Label">The class.</param>
/// <param name="Images">One embedding for each image, in the order of the request.</param>
public sealed record ClassEmbeddings(string Label, IReadOnlyList<IReadOnlyList<float>> Images);
