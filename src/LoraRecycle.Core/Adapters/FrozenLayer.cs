using static TorchSharp.torch;

namespace LoraRecycle.Core.Adapters;

/// <summary>A layer with the frozen weights that adapters change. The tensors are the model's: they live as long as it does.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Weight"><c>[out, in]</c></param>
/// <param name="Bias"><c>[out]</c>, or none.</param>
public readonly record struct FrozenLayer(AdaptableLayer Layer, Tensor Weight, Tensor? Bias);
