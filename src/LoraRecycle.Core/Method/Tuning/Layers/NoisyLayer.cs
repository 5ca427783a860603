using LoraRecycle.Core.Adapters;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Tuning.Layers;

/// <summary>Another adapter's layer whose merged weight has noise on it, for a pass. What is stored is the other one.</summary>
/// <param name="layerName">The layer's canonical name.</param>
/// <param name="inner">Not owned.</param>
internal sealed class NoisyLayer(string layerName, LayerAdapter inner) : LayerAdapter(layerName)
{
    /// <summary><c>[out, in]</c>; null for none.</summary>
    public Tensor? Noise { get; set; }

    public override Tensor Forward(Tensor input, Tensor weight, Tensor? bias)
    {
        using var scope = NewDisposeScope();
        var output = inner.Forward(input, weight, bias);
        return (Noise is null ? output : output.add(nn.functional.linear(input, Noise.to(input.dtype)))).MoveToOuterDisposeScope();
    }

    protected override (Tensor Weight, Tensor? Bias) Adapt(Tensor weight, Tensor? bias) => inner.Adapted(weight, bias);
}
