namespace LoraRecycle.Service.Endpoints;

/// <summary>The foundation models on this host.</summary>
public sealed record ModelsResponse(IReadOnlyList<HostedModel> Models);

/// <summary>One foundation model.</summary>
/// <param name="Id">The name of its directory; what an answer calls <c>vfm</c>.</param>
/// <param name="Default">Whether it is the one that serves.</param>
/// <param name="Status">"ready", "loading", "failed", or "available" for one that is on disk and does not serve.</param>
/// <param name="Device">Where it runs, <c>cpu</c> or <c>cuda:0</c>; null unless it is ready.</param>
/// <param name="EmbeddingLength">Values of one embedding; null unless it is ready.</param>
/// <param name="Revision">SHA-256 over all that decides the bare model's embeddings; null unless it is ready.</param>
/// <param name="LoadedMetaLoras">The ids of the meta-LoRAs that are merged into it and in memory beside the bare model, the most recently used first.</param>
public sealed record HostedModel(
    string Id, bool Default, string Status, string? Device, int? EmbeddingLength, string? Revision, IReadOnlyList<string> LoadedMetaLoras);
