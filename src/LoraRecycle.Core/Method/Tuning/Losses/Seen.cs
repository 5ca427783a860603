using LoraRecycle.Core.Method.Tuning.Layers;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Tuning.Losses;

/// <summary>What a step's loss is made of.</summary>
/// <param name="Embeddings"><c>[images, embedding]</c>.</param>
/// <param name="Logits">The head's, <c>[images, classes]</c>.</param>
/// <param name="Labels"><c>[images]</c>, int64.</param>
/// <param name="Classes">How many there are.</param>
/// <param name="Layers">What is tuned.</param>
/// <param name="Bare">Computes the bare model's embeddings of the same images, without gradients.</param>
internal sealed record Seen(
    Tensor Embeddings, Tensor Logits, Tensor Labels, int Classes, IReadOnlyList<TunedLayer> Layers, Func<Tensor> Bare);
