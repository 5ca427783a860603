using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Tuning.Views;

/// <summary>What a step sees.</summary>
/// <param name="Pixels"><c>[images, 3, height, width]</c>; the views of an image come one block after the other.</param>
/// <param name="Labels"><c>[images]</c>, int64.</param>
/// <param name="Other">The labels that images were mixed with, and how much of an image is its own; null where none were.</param>
internal readonly record struct Batch(Tensor Pixels, Tensor Labels, (Tensor Labels, double Own)? Other = null);
