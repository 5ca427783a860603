using static TorchSharp.torch;

namespace LoraRecycle.Core.Adapters;

/// <summary>The LoRAs that all experts have on one layer.</summary>
/// <param name="A"><c>[experts, rank, in]</c>.</param>
/// <param name="B"><c>[experts, out, rank]</c>.</param>
internal sealed record Experts(Tensor A, Tensor B);
