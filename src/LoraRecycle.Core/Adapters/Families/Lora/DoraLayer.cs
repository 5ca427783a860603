using TorchSharp;
using TorchSharp.Modules;

namespace LoraRecycle.Core.Adapters.Families.Lora;

/// <summary>
/// Weight-decomposed low-rank adaptation (Liu et al. 2024): LoRA gives each output row its direction, a trained
/// magnitude gives it its length: m (W + scale B A) / |W + scale B A|, the norm being that of each row.
/// </summary>
public sealed class DoraLayer : LayerAdapter
{
    private readonly Parameter _a;
    private readonly Parameter _b;
    private readonly Parameter _magnitude;
    private readonly Parameter? _bias;

    /// <param name="layerName">The layer's canonical name.</param>
    /// <param name="a"><c>[rank, in]</c>; taken over.</param>
    /// <param name="b"><c>[out, rank]</c>; taken over.</param>
    /// <param name="magnitude"><c>[out]</c>; taken over.</param>
    /// <param name="scale">The factor before B A.</param>
    /// <param name="bias">What replaces the layer's own bias, <c>[out]</c>, where that was trained too; taken over.</param>
    public DoraLayer(string layerName, torch.Tensor a, torch.Tensor b, torch.Tensor magnitude, double scale, torch.Tensor? bias = null)
        : base(layerName)
    {
        (Rank, Scale) = (a.shape[0], scale);
        _a = Own("lora_A", a);
        _b = Own("lora_B", b);
        _magnitude = Own("lora_magnitude_vector", magnitude);
        _bias = bias is null ? null : Own("bias", bias);
    }

    public long Rank { get; }

    public override long? NominalRank => Rank;

    public override string? Variant => _bias is null ? "DoRA" : $"DoRA, {TrainedBias.Name}";

    public double Scale { get; }

    protected override (torch.Tensor Weight, torch.Tensor? Bias) Adapt(torch.Tensor weight, torch.Tensor? bias)
    {
        var direction = weight.add(_b.mm(_a), Scale);

        // The norm counts as a constant in the gradient (section 4.3 of the paper): cheaper, and PEFT trains so too.
        var norm = direction.detach().norm(1, keepdim: true);
        return (direction.mul(_magnitude.unsqueeze(1).div(norm)), _bias ?? bias);
    }
}
