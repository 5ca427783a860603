using LoraRecycle.Core.Adapters;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Tuning.Layers;

/// <summary>Another adapter's change, times a number that is learnt elsewhere: a search raises those of the layers that a task
/// needs.</summary>
/// <param name="layerName">The layer's canonical name.</param>
/// <param name="inner">Not owned.</param>
/// <param name="share">Gives the number, a scalar in the graph.</param>
internal sealed class WeighedLayer(string layerName, LayerAdapter inner, Func<Tensor> share) : LayerAdapter(layerName)
{
    protected override (Tensor Weight, Tensor? Bias) Adapt(Tensor weight, Tensor? bias) =>
        (weight.add(inner.DeltaOf(weight).mul(share())), bias);
}
