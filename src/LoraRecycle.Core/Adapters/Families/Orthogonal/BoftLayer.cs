using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Adapters.Families.Orthogonal;

/// <summary>Orthogonal butterfly fine-tuning (arXiv 2311.06243): the inputs are rotated in stages, blocks of ever more distant ones, and
/// each output is scaled.</summary>
public sealed class BoftLayer : LayerAdapter
{
    private readonly Parameter _generators;
    private readonly Parameter _scale;
    private readonly IReadOnlyList<(Tensor Order, Tensor Inverse)> _orders;

    /// <param name="layerName">The layer's canonical name.</param>
    /// <param name="generators"><c>[stages, blocks, size, size]</c>, of which the skew-symmetric part counts; taken over.</param>
    /// <param name="scale"><c>[out]</c>; taken over.</param>
    public BoftLayer(string layerName, Tensor generators, Tensor scale)
        : base(layerName)
    {
        var (stages, blocks, size) = (generators.shape[0], generators.shape[1], generators.shape[2]);
        _generators = Own("boft_R", generators);
        _scale = Own("boft_s", scale);
        _orders = [.. Enumerable.Range(0, (int)stages).Select(stage =>
        {
            var order = ButterflyOrder.Of(blocks * size, size, stage);
            return (
                Keep($"order_{stage}", tensor(order).to(_generators.device)),
                Keep($"inverse_{stage}", tensor(ButterflyOrder.Inverse(order)).to(_generators.device)));
        })];
    }

    /// <remarks>The bias is not scaled: the scale stands before the product, not behind it.</remarks>
    protected override (Tensor Weight, Tensor? Bias) Adapt(Tensor weight, Tensor? bias)
    {
        var rotated = weight;
        foreach (var (stage, (order, inverse)) in _orders.Index())
        {
            var generators = _generators[stage];
            var rotations = BlockRotation.Cayley(generators.sub(generators.mT).mul(0.5));
            rotated = BlockRotation.Apply(rotated.index_select(1, inverse), rotations).index_select(1, order);
        }
        return (rotated.mul(_scale.unsqueeze(1)), bias);
    }
}
