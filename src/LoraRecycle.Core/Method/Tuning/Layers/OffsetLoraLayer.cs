using LoraRecycle.Core.Adapters;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Tuning.Layers;

/// <summary>A LoRA that starts from factors which are not zero and counts only what is added to them: W + scale (B A - B0 A0).</summary>
internal sealed class OffsetLoraLayer : AdditiveLayer
{
    private readonly Parameter _a;
    private readonly Parameter _b;
    private readonly Tensor _startA;
    private readonly Tensor _startB;
    private readonly double _scale;

    /// <param name="layerName">The layer's canonical name.</param>
    /// <param name="a"><c>[rank, in]</c>; taken over.</param>
    /// <param name="b"><c>[out, rank]</c>; taken over.</param>
    /// <param name="scale">The factor before the products.</param>
    public OffsetLoraLayer(string layerName, Tensor a, Tensor b, double scale)
        : base(layerName)
    {
        _scale = scale;
        _startA = Keep("start_A", a.clone());
        _startB = Keep("start_B", b.clone());
        _a = Own("lora_A", a);
        _b = Own("lora_B", b);
    }

    /// <inheritdoc/>
    /// <remarks>The two branches are computed alike, so that they cancel to the last bit where nothing has moved.</remarks>
    public override Tensor Forward(Tensor input, Tensor weight, Tensor? bias)
    {
        using var scope = NewDisposeScope();
        var added = Branch(input, _a, _b).sub(Branch(input, _startA, _startB));
        return nn.functional.linear(input, weight, bias).add(added).MoveToOuterDisposeScope();
    }

    protected override Tensor Change() => _b.mm(_a).sub(_startB.mm(_startA)).mul(_scale);

    private Tensor Branch(Tensor input, Tensor a, Tensor b) =>
        nn.functional.linear(nn.functional.linear(input, a.to(input.dtype)), b.mul(_scale).to(input.dtype));
}
