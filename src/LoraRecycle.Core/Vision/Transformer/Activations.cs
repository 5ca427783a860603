using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Vision.Transformer;

/// <summary>The non-linearities by name and by formula.</summary>
public static class Activations
{
    /// <summary>Hugging Face's <c>hidden_act</c>.</summary>
    public static Activation Parse(string name) => name switch
    {
        "gelu" or "gelu_python" => Activation.Gelu,
        // The same formula under all the names that it has had.
        "gelu_pytorch_tanh" or "gelu_new" or "gelu_fast" or "gelu_accurate" or "gelu_python_tanh" => Activation.GeluTanh,
        "quick_gelu" => Activation.QuickGelu,
        "silu" or "swish" => Activation.Silu,
        "relu" => Activation.Relu,
        _ => throw new ModelException($"Expected hidden_act gelu, gelu_pytorch_tanh, quick_gelu, silu or relu, got '{name}'."),
    };

    public static Tensor Apply(this Activation activation, Tensor input)
    {
        switch (activation)
        {
            case Activation.Gelu: return input.gelu();
            case Activation.GeluTanh: return input.gelu(GELU.Approximate.tanh);
            case Activation.Silu: return input.silu();
            case Activation.Relu: return input.relu();
            case Activation.QuickGelu:
                // Through silu, which has one kernel each way: x times a gate would keep two tensors for backward and read them thrice.
                using (var scaled = input.mul(QuickGeluSlope))
                using (var bent = scaled.silu())
                    return bent.mul(1 / QuickGeluSlope);
            default: throw new ArgumentOutOfRangeException(nameof(activation), activation, "Expected a known activation.");
        }
    }

    /// <summary>What remains of an activation when its slope is folded into the weights around it: quick_gelu(x) is
    /// silu(1.702 x) / 1.702.</summary>
    /// <returns>The rest, and what multiplies the weights before it and divides those after it.</returns>
    public static (Activation Remaining, double Slope) Folded(this Activation activation) =>
        activation == Activation.QuickGelu ? (Activation.Silu, QuickGeluSlope) : (activation, 1);

    private const double QuickGeluSlope = 1.702;
}
