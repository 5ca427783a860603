using static TorchSharp.torch;

namespace LoraRecycle.Core.Adapters;

/// <summary>An adapter that adds a matrix to the weight, whatever that is, and leaves the bias alone: W + change.</summary>
public abstract class AdditiveLayer : LayerAdapter
{
    /// <param name="layerName">The layer's canonical name.</param>
    protected AdditiveLayer(string layerName)
        : base(layerName)
    {
    }

    /// <summary>What is added to the weight: <c>[out, in]</c>, float32, differentiable in the parameters.</summary>
    protected abstract Tensor Change();

    protected sealed override (Tensor Weight, Tensor? Bias) Adapt(Tensor weight, Tensor? bias) => (weight.add(Change()), bias);

    protected sealed override Tensor WeightDelta(Tensor weight) => Change();
}
