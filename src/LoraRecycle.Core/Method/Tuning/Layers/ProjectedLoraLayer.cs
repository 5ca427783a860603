using LoraRecycle.Core.Adapters;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Tuning.Layers;

/// <summary>
/// A LoRA that does nothing in the directions in which the frozen weight is strong (Comp-LoRA, arXiv 2501.15040):
/// W + scale (I - U U^T) B A (I - V V^T), U and V being W's largest singular vectors, which stay W + change's own.
/// </summary>
internal sealed class ProjectedLoraLayer : AdditiveLayer
{
    private readonly Parameter _a;
    private readonly Parameter _b;
    private readonly Tensor _left;
    private readonly Tensor _right;
    private readonly double _scale;

    /// <param name="layerName">The layer's canonical name.</param>
    /// <param name="a"><c>[rank, in]</c>; taken over.</param>
    /// <param name="b"><c>[out, rank]</c>; taken over.</param>
    /// <param name="scale">The factor before the product.</param>
    /// <param name="left">U, <c>[out, kept]</c>; taken over.</param>
    /// <param name="right">V, <c>[in, kept]</c>; taken over.</param>
    public ProjectedLoraLayer(string layerName, Tensor a, Tensor b, double scale, Tensor left, Tensor right)
        : base(layerName)
    {
        _scale = scale;
        _a = Own("lora_A", a);
        _b = Own("lora_B", b);
        _left = Keep("left", left);
        _right = Keep("right", right);
    }

    public override Tensor Forward(Tensor input, Tensor weight, Tensor? bias)
    {
        using var scope = NewDisposeScope();
        var branch = nn.functional.linear(nn.functional.linear(input, FoldedA().to(input.dtype)), FoldedB().mul(_scale).to(input.dtype));
        return nn.functional.linear(input, weight, bias).add(branch).MoveToOuterDisposeScope();
    }

    protected override Tensor Change() => FoldedB().mm(FoldedA()).mul(_scale);

    private Tensor FoldedA() => _a.sub(_a.mm(_right).mm(_right.T));

    private Tensor FoldedB() => _b.sub(_left.mm(_left.T.mm(_b)));
}
