using TorchSharp;
using TorchSharp.Modules;

namespace LoraRecycle.Core.Adapters.Families.Lora;

/// <summary>Low-rank adaptation (Hu et al. 2021): W + scale B A.</summary>
public sealed class LoraLayer : LayerAdapter
{
    private readonly Parameter _a;
    private readonly Parameter _b;
    private readonly Parameter? _bias;

    /// <param name="layerName">The layer's canonical name.</param>
    /// <param name="a"><c>[rank, in]</c>; taken over.</param>
    /// <param name="b"><c>[out, rank]</c>; taken over.</param>
    /// <param name="scale">The factor before B A.</param>
    /// <param name="bias">What replaces the layer's own bias, <c>[out]</c>, where that was trained too; taken over.</param>
    public LoraLayer(string layerName, torch.Tensor a, torch.Tensor b, double scale, torch.Tensor? bias = null)
        : base(layerName)
    {
        (Rank, Scale) = (a.shape[0], scale);
        _a = Own("lora_A", a);
        _b = Own("lora_B", b);
        _bias = bias is null ? null : Own("bias", bias);
    }

    public long Rank { get; }

    public override long? NominalRank => Rank;

    public override string? Variant => _bias is null ? null : TrainedBias.Name;

    public double Scale { get; }

    /// <summary><c>[rank, in]</c></summary>
    public torch.Tensor A => _a;

    /// <summary><c>[out, rank]</c></summary>
    public torch.Tensor B => _b;

    /// <summary>What replaces the bias of the layer, <c>[out]</c>, or none.</summary>
    public torch.Tensor? Bias => _bias;

    /// <inheritdoc/>
    /// <remarks>
    /// As a side branch: two thin products beside the frozen layer, and no <c>[out, in]</c> matrix in the graph. They are
    /// computed in the input's type; factors and their gradients stay in float32.
    /// </remarks>
    public override torch.Tensor Forward(torch.Tensor input, torch.Tensor weight, torch.Tensor? bias)
    {
        using var scope = torch.NewDisposeScope();
        var frozen = torch.nn.functional.linear(input, weight, _bias?.to(weight.dtype) ?? bias);
        var branch = torch.nn.functional.linear(torch.nn.functional.linear(input, _a.to(input.dtype)), _b.mul(Scale).to(input.dtype));
        return frozen.add(branch).MoveToOuterDisposeScope();
    }

    /// <summary>What <see cref="LayerAdapter.Merge"/> gives, in float32 and whether or not it is finite.</summary>
    internal (torch.Tensor Weight, torch.Tensor? Bias) MergedWide(torch.Tensor weight, torch.Tensor? bias) =>
        Adapt(weight.to(torch.float32), bias?.to(torch.float32));

    /// <inheritdoc/>
    /// <remarks>Rows of B A are rows of B times A, so each part is a LoRA again.</remarks>
    internal override LayerAdapter RowsFor(AdaptableLayer layer, long start)
    {
        using var withoutGrad = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        return new LoraLayer(
            layer.Name, _a.detach().clone(), _b.detach().narrow(0, start, layer.OutFeatures).clone(), Scale,
            _bias?.detach().narrow(0, start, layer.OutFeatures).clone());
    }

    protected override (torch.Tensor Weight, torch.Tensor? Bias) Adapt(torch.Tensor weight, torch.Tensor? bias) =>
        (weight.add(_b.mm(_a), Scale), _bias ?? bias);

    protected override torch.Tensor WeightDelta(torch.Tensor weight) => _b.mm(_a).mul(Scale);
}
