using static TorchSharp.torch;

namespace LoraRecycle.Core.Adapters.Families.Lycoris;

/// <summary>Low-rank Kronecker product (KronA, arXiv 2212.10650; LyCORIS, arXiv 2309.14859): W + scale (first x second).</summary>
public sealed class LokrLayer : AdditiveLayer
{
    private readonly KroneckerFactor _first;
    private readonly KroneckerFactor _second;
    private readonly double _scale;

    /// <param name="layerName">The layer's canonical name.</param>
    /// <param name="first"><c>[p, q]</c>; taken over.</param>
    /// <param name="second"><c>[out / p, in / q]</c>; taken over.</param>
    /// <param name="scale">The factor before the product.</param>
    public LokrLayer(string layerName, KroneckerFactor first, KroneckerFactor second, double scale)
        : base(layerName)
    {
        _scale = scale;
        _first = first.OwnedBy(this, "lokr_w1");
        _second = second.OwnedBy(this, "lokr_w2");
    }

    public override long? NominalRank => _second.Rank ?? _first.Rank;

    protected override Tensor Change()
    {
        var (first, second) = (_first.Matrix(), _second.Matrix());
        var blocks = first.unsqueeze(1).unsqueeze(3).mul(second.unsqueeze(0).unsqueeze(2));
        return blocks.reshape(first.shape[0] * second.shape[0], first.shape[1] * second.shape[1]).mul(_scale);
    }
}
