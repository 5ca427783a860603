using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Adapters.Families.Lycoris;

/// <summary>Low-rank Hadamard product (FedPara, arXiv 2108.06098): W + scale (B1 A1) * (B2 A2), entry by entry; its rank goes up to the
/// square of theirs.</summary>
public sealed class LohaLayer : AdditiveLayer
{
    private readonly Parameter _b1;
    private readonly Parameter _a1;
    private readonly Parameter _b2;
    private readonly Parameter _a2;
    private readonly double _scale;

    /// <param name="layerName">The layer's canonical name.</param>
    /// <param name="b1"><c>[out, rank]</c>; taken over.</param>
    /// <param name="a1"><c>[rank, in]</c>; taken over.</param>
    /// <param name="b2"><c>[out, rank]</c>; taken over.</param>
    /// <param name="a2"><c>[rank, in]</c>; taken over.</param>
    /// <param name="scale">The factor before the product.</param>
    public LohaLayer(string layerName, Tensor b1, Tensor a1, Tensor b2, Tensor a2, double scale)
        : base(layerName)
    {
        _scale = scale;
        _b1 = Own("hada_w1_a", b1);
        _a1 = Own("hada_w1_b", a1);
        _b2 = Own("hada_w2_a", b2);
        _a2 = Own("hada_w2_b", a2);
    }

    public override long? NominalRank => _a1.shape[0];

    protected override Tensor Change() => _b1.mm(_a1).mul(_b2.mm(_a2)).mul(_scale);
}
