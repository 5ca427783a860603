using static TorchSharp.torch;

namespace LoraRecycle.Core.Adapters.Families.Papers.Lofit;

/// <summary>A vector for each of a few attention heads.</summary>
/// <param name="Heads">Which, from 0; no head twice.</param>
/// <param name="Values"><c>[heads, head size]</c>, in that order.</param>
internal sealed record HeadVectors(IReadOnlyList<long> Heads, Tensor Values);
