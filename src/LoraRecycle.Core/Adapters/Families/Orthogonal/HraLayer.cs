using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Adapters.Families.Orthogonal;

/// <summary>Householder reflection adaptation (arXiv 2405.17484): W H1 H2 ... Hr, where each Hi = I - 2 u u^T reflects the inputs at a
/// plane.</summary>
public sealed class HraLayer : LayerAdapter
{
    private readonly Parameter _vectors;
    private readonly bool _orthogonalised;

    /// <param name="layerName">The layer's canonical name.</param>
    /// <param name="vectors">The normals of the planes, of any length but 0, <c>[in, rank]</c>; taken over.</param>
    /// <param name="orthogonalised">Whether each is made orthogonal to those before it first (Gram and Schmidt).</param>
    public HraLayer(string layerName, Tensor vectors, bool orthogonalised)
        : base(layerName)
    {
        _orthogonalised = orthogonalised;
        _vectors = Own("hra_u", vectors);
    }

    public override long? NominalRank => _vectors.shape[1];

    protected override (Tensor Weight, Tensor? Bias) Adapt(Tensor weight, Tensor? bias)
    {
        var earlier = new List<Tensor>();
        foreach (var column in _vectors.unbind(1))
        {
            var normal = column.unsqueeze(1);
            if (_orthogonalised)
                foreach (var other in earlier)
                    normal = normal.sub(other.mul(other.mul(normal).sum()));
            normal = normal.div(normal.norm());
            earlier.Add(normal);
            weight = weight.sub(weight.mm(normal).mm(normal.T).mul(2));
        }
        return (weight, bias);
    }
}
