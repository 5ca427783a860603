using TorchSharp;

namespace LoraRecycle.Core.Adapters.Algebra;

/// <summary>Adds a fixed matrix to a layer's weight: what is left of adapters once their effects are summed.</summary>
public sealed class DeltaLayer : LayerAdapter
{
    private readonly torch.Tensor _weight;
    private readonly torch.Tensor? _bias;

    /// <param name="layerName">The layer's canonical name.</param>
    /// <param name="weight"><c>[out, in]</c>, float32; taken over.</param>
    /// <param name="bias"><c>[out]</c>, or none; taken over.</param>
    public DeltaLayer(string layerName, torch.Tensor weight, torch.Tensor? bias = null)
        : base(layerName)
    {
        register_buffer("weight", _weight = weight.DetachFromDisposeScope());
        if (bias is not null) register_buffer("bias", _bias = bias.DetachFromDisposeScope());
    }

    protected override (torch.Tensor Weight, torch.Tensor? Bias) Adapt(torch.Tensor weight, torch.Tensor? bias) =>
        (weight.add(_weight), _bias is null ? bias : bias is null ? _bias : bias.add(_bias));

    protected override torch.Tensor WeightDelta(torch.Tensor weight) => _weight.clone();
}
