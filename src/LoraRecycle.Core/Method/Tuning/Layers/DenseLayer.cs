using LoraRecycle.Core.Adapters;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Tuning.Layers;

/// <summary>Every number of a weight beside the frozen one: W + D, D starting from zero. Its gradient is the weight's.</summary>
internal sealed class DenseLayer : AdditiveLayer
{
    private readonly Parameter _change;

    public DenseLayer(AdaptableLayer layer, Device device)
        : base(layer.Name) => _change = Own("change", zeros([layer.OutFeatures, layer.InFeatures], device: device));

    /// <summary>D, <c>[out, in]</c>.</summary>
    public Parameter Matrix => _change;

    protected override Tensor Change() => _change;
}
