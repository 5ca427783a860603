namespace LoraRecycle.Service.Serving.Models;

/// <summary>The model that a runtime serves.</summary>
/// <param name="Id">The name of its directory.</param>
/// <param name="Revision">SHA-256 over its weights, in hex; two models of one revision give the same embeddings.</param>
/// <param name="EmbeddingLength">Values of one embedding.</param>
/// <param name="Device">Where it runs: <c>cpu</c>, <c>cuda:0</c>.</param>
/// <param name="Precision">In what it computes: <c>float32</c> or <c>bfloat16</c>.</param>
/// <param name="FoundationRevision">SHA-256 over the foundation model's files, in hex: the same in each precision, and with
/// every adapter.</param>
public sealed record ModelDescription(
    string Id,
    string Revision,
    int EmbeddingLength,
    string Device,
    string Precision,
    string FoundationRevision
);
