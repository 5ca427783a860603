using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Adapters.Families.Papers.BlockLora;

/// <summary>
/// Block-LoRA (arXiv 2501.16720): LoRA's factors are cut into blocks, and all blocks of A are one: W + scale (B1 + ... + Bn) A.
/// </summary>
public sealed class BlockLoraLayer : AdditiveLayer
{
    private readonly Parameter _a;
    private readonly Parameter _b;

    /// <param name="layerName">The layer's canonical name.</param>
    /// <param name="a"><c>[rank / n, in]</c>; taken over.</param>
    /// <param name="b">B1 to Bn side by side, <c>[out, rank]</c>; taken over.</param>
    /// <param name="scale">The factor before the sum.</param>
    public BlockLoraLayer(string layerName, Tensor a, Tensor b, double scale)
        : base(layerName)
    {
        (Rank, Scale) = (a.shape[0], scale);
        _a = Own("lora_A", a);
        _b = Own("lora_B", b);
    }

    /// <summary>Of the change, which is that of one block.</summary>
    public long Rank { get; }

    public override long? NominalRank => Rank;

    public double Scale { get; }

    /// <inheritdoc/>
    /// <remarks>As a side branch of thin products, like LoRA's.</remarks>
    public override Tensor Forward(Tensor input, Tensor weight, Tensor? bias)
    {
        using var scope = NewDisposeScope();
        var low = nn.functional.linear(input, _a.to(input.dtype));
        var branch = nn.functional.linear(low, Summed().mul(Scale).to(input.dtype));
        return nn.functional.linear(input, weight, bias).add(branch).MoveToOuterDisposeScope();
    }

    protected override Tensor Change() => Summed().mul(Scale).mm(_a);

    private Tensor Summed() => _b.view(_b.shape[0], -1, Rank).sum(1);
}
