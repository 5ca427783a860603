namespace LoraRecycle.Client.Contracts;

/// <summary>The foundation models on this host.</summary>
/// <param name="Models">The models.</param>
public sealed record ModelsResponse(IReadOnlyList<HostedModel> Models);

/// <summary>One foundation model.</summary>
/// <param name="Id">The name of its directory; answers give it as <c>vfm</c>.</param>
/// <param name="Default">Whether this model serves requests.</param>
/// <param name="Status">"ready", "loading", "failed", or "available" for a model on disk that does not serve.</param>
/// <param name="EmbeddingLength">Length of an embedding; null unless the model is ready.</param>
/// <param name="Revision">SHA-256 over everything that determines the bare model's embeddings; null unless the model is ready.</param>
/// <param name="Precision">The precision of its computation, "float32" or "bfloat16"; null unless the model is ready.</param>
/// <param name="Devices">The devices it runs on; empty for a model that does not serve, and after a start until libtorch is loaded.</param>
/// <param name="LoadedMetaLoras">The ids of the meta-LoRAs that are merged and in memory on every device, most recently used first; the
/// bare model is not counted.</param>
/// <param name="Calibration">What calibrates the bare model's probabilities: "fitted" for its own calibration; "support-set" when it has
/// none: the support images of a request then calibrate them, given two of each class. Null unless the model is ready.</param>
/// <param name="CalibrationProblem">Why its calibration is ignored; null when nothing is wrong.</param>
public sealed record HostedModel(
    string Id,
    bool Default,
    string Status,
    int? EmbeddingLength,
    string? Revision,
    string? Precision,
    IReadOnlyList<HostedDevice> Devices,
    IReadOnlyList<string> LoadedMetaLoras,
    string? Calibration,
    string? CalibrationProblem
);

/// <summary>One of the devices that serve.</summary>
/// <param name="Name"><c>cpu</c> or <c>cuda:0</c>; <c>cpu#2</c> for the second model on a device that is listed twice.</param>
/// <param name="Status">"ready", "loading", "failing", "hanging", or "lost" when the model could not be loaded on it.</param>
/// <param name="LoadedMetaLoras">The ids of the meta-LoRAs in its memory, most recently used first.</param>
public sealed record HostedDevice(string Name, string Status, IReadOnlyList<string> LoadedMetaLoras);
