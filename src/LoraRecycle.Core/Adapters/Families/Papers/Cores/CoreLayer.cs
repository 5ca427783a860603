using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Adapters.Families.Papers.Cores;

/// <summary>
/// A low-rank change with something trained between its factors: W + scale B C A. C is a small square matrix (LoRA-XS,
/// LoRA-SB, NLoRA, SLoRA, LaMDA) or a diagonal (SoRA, LoLDU); the factors are trained with it, or frozen.
/// </summary>
public sealed class CoreLayer : AdditiveLayer
{
    private readonly Tensor _a;
    private readonly Tensor _b;
    private readonly Parameter _core;
    private readonly Tensor? _start;

    /// <param name="layerName">The layer's canonical name.</param>
    /// <param name="factors">Taken over.</param>
    /// <param name="scale">The factor before B C A.</param>
    internal CoreLayer(string layerName, CoreFactors factors, double scale)
        : base(layerName)
    {
        (Rank, Scale) = (factors.A.shape[0], scale);
        _a = factors.TrainsA ? Own("lora_A", factors.A) : Keep("lora_A", factors.A);
        _b = factors.TrainsB ? Own("lora_B", factors.B) : Keep("lora_B", factors.B);
        _core = Own(factors.CoreName, factors.Core);
        _start = factors.Start is null ? null : Keep("start", factors.Start);
    }

    public long Rank { get; }

    public override long? NominalRank => Rank;

    public double Scale { get; }

    /// <inheritdoc/>
    /// <remarks>As a side branch of thin products, like LoRA's.</remarks>
    public override Tensor Forward(Tensor input, Tensor weight, Tensor? bias)
    {
        using var scope = NewDisposeScope();
        var core = Core().mul(Scale).to(input.dtype);
        var low = nn.functional.linear(input, _a.to(input.dtype));
        var between = core.dim() == 1 ? low.mul(core) : nn.functional.linear(low, core);
        var branch = nn.functional.linear(between, _b.to(input.dtype));
        return nn.functional.linear(input, weight, bias).add(branch).MoveToOuterDisposeScope();
    }

    protected override Tensor Change()
    {
        var core = Core().mul(Scale);
        return (core.dim() == 1 ? _b.mul(core) : _b.mm(core)).mm(_a);
    }

    private Tensor Core() => _start is null ? _core : _core.sub(_start);
}
