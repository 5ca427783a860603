using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Adapters.Families.RandomBases;

/// <summary>Vector-based random matrix adaptation (arXiv 2310.11454): W + diag(b) B diag(d) A, where only b and d are trained.</summary>
public sealed class VeraLayer : AdditiveLayer
{
    private readonly Tensor _basisA;
    private readonly Tensor _basisB;
    private readonly Parameter _b;
    private readonly Parameter _d;

    /// <param name="layerName">The layer's canonical name.</param>
    /// <param name="basisA">Frozen and random, <c>[rank, in]</c>; taken over.</param>
    /// <param name="basisB">Frozen and random, <c>[out, rank]</c>; taken over.</param>
    /// <param name="b"><c>[out]</c>; taken over.</param>
    /// <param name="d"><c>[rank]</c>; taken over.</param>
    public VeraLayer(string layerName, Tensor basisA, Tensor basisB, Tensor b, Tensor d)
        : base(layerName)
    {
        _basisA = Keep("vera_A", basisA);
        _basisB = Keep("vera_B", basisB);
        _b = Own("vera_lambda_b", b);
        _d = Own("vera_lambda_d", d);
    }

    public override long? NominalRank => _d.shape[0];

    protected override Tensor Change() => _basisB.mul(_b.unsqueeze(1)).mm(_basisA.mul(_d.unsqueeze(1)));
}
