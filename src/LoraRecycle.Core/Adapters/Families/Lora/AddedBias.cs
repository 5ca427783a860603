using TorchSharp;
using TorchSharp.Modules;

namespace LoraRecycle.Core.Adapters.Families.Lora;

/// <summary>A LoRA whose second factor has a bias of its own (<c>lora_bias</c>): W + scale B A and b + scale c.</summary>
public sealed class AddedBias : LayerAdapter
{
    private readonly LayerAdapter _inner;
    private readonly Parameter _shift;
    private readonly double _scale;

    /// <param name="layerName">The layer's canonical name.</param>
    /// <param name="inner">The LoRA without it; taken over.</param>
    /// <param name="shift">c, <c>[out]</c>; taken over.</param>
    /// <param name="scale">The factor before it.</param>
    public AddedBias(string layerName, LayerAdapter inner, torch.Tensor shift, double scale)
        : base(layerName)
    {
        _scale = scale;
        register_module("inner", _inner = inner);
        _shift = Own("lora_B_bias", shift);
    }

    public override long? NominalRank => _inner.NominalRank;

    public override string? Variant => _inner.Variant is { } variant ? $"{variant}, bias of B" : "bias of B";

    public override torch.Tensor Forward(torch.Tensor input, torch.Tensor weight, torch.Tensor? bias)
    {
        using var scope = torch.NewDisposeScope();
        return _inner.Forward(input, weight, bias).add(_shift.mul(_scale).to(input.dtype)).MoveToOuterDisposeScope();
    }

    protected override (torch.Tensor Weight, torch.Tensor? Bias) Adapt(torch.Tensor weight, torch.Tensor? bias)
    {
        var (adapted, own) = _inner.Adapted(weight, bias);
        var shift = _shift.mul(_scale);
        return (adapted, own is null ? shift : own.add(shift));
    }

    protected override torch.Tensor WeightDelta(torch.Tensor weight) => _inner.DeltaOf(weight);
}
