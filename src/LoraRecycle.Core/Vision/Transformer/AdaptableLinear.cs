using LoraRecycle.Core.Adapters;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Vision.Transformer;

/// <summary>A linear layer that an adapter may change: y = x W^T + b, W being [out, in].</summary>
public sealed class AdaptableLinear : WeightedModule<Tensor, Tensor>
{
    public AdaptableLinear(IWeightSource weights, string path, int inFeatures, int outFeatures, bool hasBias = true) : base(path)
    {
        Weight = Take(weights, "weight", outFeatures, inFeatures);
        if (hasBias) Bias = Take(weights, "bias", outFeatures);
    }

    public Parameter Weight { get; }

    public Parameter? Bias { get; }

    /// <summary>What changes this layer, as a side branch; null for the bare layer. Not owned.</summary>
    public LayerAdapter? Adapter { get; set; }

    public override Tensor forward(Tensor input) =>
        Adapter is null ? BatchInvariantLinear.Of(input, Weight, Bias) : Adapter.Forward(input, Weight, Bias);

    /// <summary>Weight and bias with the adapter folded in, as new tensors that the caller owns.</summary>
    public (Tensor Weight, Tensor? Bias) Merged() =>
        Adapter is null ? (Weight.clone(), Bias?.clone()) : Adapter.Merge(Weight, Bias);
}
