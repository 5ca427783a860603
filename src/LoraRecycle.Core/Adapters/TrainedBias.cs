using TorchSharp;
using TorchSharp.Modules;

namespace LoraRecycle.Core.Adapters;

/// <summary>An adapter of any family beside which the layer's own bias was trained: that is what it finds in place of the frozen
/// one.</summary>
public sealed class TrainedBias : LayerAdapter
{
    internal const string Name = "trained bias";

    private readonly LayerAdapter _inner;
    private readonly Parameter _bias;

    /// <param name="layerName">The layer's canonical name.</param>
    /// <param name="inner">What is done to the layer with that bias; taken over.</param>
    /// <param name="bias"><c>[out]</c>; taken over.</param>
    public TrainedBias(string layerName, LayerAdapter inner, torch.Tensor bias)
        : base(layerName)
    {
        register_module("inner", _inner = inner);
        _bias = Own("bias", bias);
    }

    public override long? NominalRank => _inner.NominalRank;

    public override string? Variant => _inner.Variant is { } variant ? $"{variant}, {Name}" : Name;

    public override torch.Tensor Forward(torch.Tensor input, torch.Tensor weight, torch.Tensor? bias)
    {
        using var scope = torch.NewDisposeScope();
        return _inner.Forward(input, weight, _bias.to(weight.dtype)).MoveToOuterDisposeScope();
    }

    protected override (torch.Tensor Weight, torch.Tensor? Bias) Adapt(torch.Tensor weight, torch.Tensor? bias) =>
        _inner.Adapted(weight, _bias);

    protected override torch.Tensor WeightDelta(torch.Tensor weight) => _inner.DeltaOf(weight);
}
