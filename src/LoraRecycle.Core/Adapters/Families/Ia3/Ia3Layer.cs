using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Adapters.Families.Ia3;

/// <summary>
/// (IA)3 (arXiv 2205.05638): a layer's inputs or outputs are multiplied by a trained vector. On inputs that is W diag(l);
/// on outputs diag(l) W and, as the bias is part of them, l b.
/// </summary>
public sealed class Ia3Layer : LayerAdapter
{
    private readonly Parameter _scale;
    private readonly bool _onInputs;

    /// <param name="layerName">The layer's canonical name.</param>
    /// <param name="scale"><c>[in]</c> or <c>[out]</c>; taken over.</param>
    /// <param name="onInputs">Whether it multiplies the inputs.</param>
    public Ia3Layer(string layerName, Tensor scale, bool onInputs)
        : base(layerName)
    {
        _onInputs = onInputs;
        _scale = Own("ia3_l", scale);
    }

    /// <inheritdoc/>
    /// <remarks>On the activations themselves, as in the paper: no <c>[out, in]</c> matrix is made.</remarks>
    public override Tensor Forward(Tensor input, Tensor weight, Tensor? bias)
    {
        using var scope = NewDisposeScope();
        var scale = _scale.to(input.dtype);
        var output = _onInputs
            ? nn.functional.linear(input.mul(scale), weight, bias)
            : nn.functional.linear(input, weight, bias).mul(scale);
        return output.MoveToOuterDisposeScope();
    }

    protected override (Tensor Weight, Tensor? Bias) Adapt(Tensor weight, Tensor? bias) => _onInputs
        ? (weight.mul(_scale), bias)
        : (weight.mul(_scale.unsqueeze(1)), bias?.mul(_scale));
}
