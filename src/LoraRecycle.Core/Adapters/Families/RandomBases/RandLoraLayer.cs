using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Adapters.Families.RandomBases;

/// <summary>
/// RandLoRA (arXiv 2502.00987): a full-rank change as a sum of low-rank random products, of which only two diagonals each
/// are trained. Its shorter side is that of A: for a layer with more inputs than outputs the product is transposed.
/// </summary>
public sealed class RandLoraLayer : AdditiveLayer
{
    private readonly Tensor _basisA;
    private readonly Tensor _basisB;
    private readonly Parameter _lambda;
    private readonly Parameter _gamma;
    private readonly double _scale;
    private readonly bool _transposed;

    /// <param name="layerName">The layer's canonical name.</param>
    /// <param name="basisA">Frozen and random, <c>[rank, 1, short]</c>, the shorter of in and out; taken over.</param>
    /// <param name="basisB">Frozen and random, <c>[long, bases, rank]</c>; taken over.</param>
    /// <param name="lambda"><c>[rank, bases]</c>; taken over.</param>
    /// <param name="gamma"><c>[bases, short]</c>; taken over.</param>
    /// <param name="scale">The factor before the sum.</param>
    /// <param name="transposed">Whether the outputs are the shorter side.</param>
    public RandLoraLayer(string layerName, Tensor basisA, Tensor basisB, Tensor lambda, Tensor gamma, double scale, bool transposed)
        : base(layerName)
    {
        (_scale, _transposed) = (scale, transposed);
        _basisA = Keep("randlora_A", basisA);
        _basisB = Keep("randlora_B", basisB);
        _lambda = Own("randlora_lambda", lambda);
        _gamma = Own("randlora_gamma", gamma);
    }

    public override long? NominalRank => _lambda.shape[0];

    protected override Tensor Change()
    {
        // PEFT pairs the rows of A, counted rank by rank, with the columns of B, counted base by base. As both are
        // random, any pairing will do; but it has to be that one.
        var scaled = _lambda.unsqueeze(2).mul(_basisA).mul(_gamma.unsqueeze(0)).flatten(0, 1);
        var product = _basisB.flatten(1).mm(scaled).mul(_scale);
        return _transposed ? product.T : product;
    }
}
