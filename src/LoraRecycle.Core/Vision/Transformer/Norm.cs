using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Vision.Transformer;

/// <summary>Layer normalisation of the last dimension.</summary>
public sealed class Norm : WeightedModule<Tensor, Tensor>
{
    private readonly long[] _shape;
    private readonly double _eps;

    public Norm(IWeightSource weights, string path, int size, double eps) : base(path)
    {
        (_shape, _eps) = ([size], eps);
        Weight = Take(weights, "weight", size);
        Bias = Take(weights, "bias", size);
    }

    public Parameter Weight { get; }

    public Parameter Bias { get; }

    public override Tensor forward(Tensor input) => nn.functional.layer_norm(input, _shape, Weight, Bias, _eps);
}
