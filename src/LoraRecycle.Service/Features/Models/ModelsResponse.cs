namespace LoraRecycle.Service.Features.Models;

/// <summary>The foundation models on this host.</summary>
public sealed record ModelsResponse(IReadOnlyList<HostedModel> Models);

/// <summary>One foundation model.</summary>
/// <param name="Id">The name of its directory; what an answer calls <c>vfm</c>.</param>
/// <param name="Default">Whether it is the one that serves.</param>
/// <param name="Status">"ready", "loading", "failed", or "available" for one that is on disk and does not serve.</param>
/// <param name="EmbeddingLength">Values of one embedding; null unless it is ready.</param>
/// <param name="Revision">SHA-256 over all that decides the bare model's embeddings; null unless it is ready.</param>
/// <param name="Precision">In what it computes, "float32" or "bfloat16"; null unless it is ready.</param>
/// <param name="Devices">Where it runs; none for one that does not serve, and right after a start, until libtorch is loaded.</param>
/// <param name="LoadedMetaLoras">The ids of the meta-LoRAs that are merged into it and in memory on every device, beside the bare model, the most recently used first.</param>
/// <param name="Calibration">Where the bare model's probabilities come from: "fitted" for a calibration of its own, "support-set" where it has none, so that they are calibrated by the support images of a request, and only where there are two of each class; null unless it is ready.</param>
/// <param name="CalibrationProblem">Why the calibration beside it is passed over; null where nothing is wrong.</param>
public sealed record HostedModel(
    string Id, bool Default, string Status, int? EmbeddingLength, string? Revision, string? Precision, IReadOnlyList<HostedDevice> Devices,
    IReadOnlyList<string> LoadedMetaLoras, string? Calibration, string? CalibrationProblem);

/// <summary>One of the devices that serve.</summary>
/// <param name="Name"><c>cpu</c> or <c>cuda:0</c>; <c>cpu#2</c> for the second model on a device that is listed twice.</param>
/// <param name="Status">"ready", "loading", "failing", "hanging", or "lost" for one whose model could not be loaded.</param>
/// <param name="LoadedMetaLoras">The ids of the meta-LoRAs that it has in memory, the most recently used first.</param>
public sealed record HostedDevice(string Name, string Status, IReadOnlyList<string> LoadedMetaLoras);
