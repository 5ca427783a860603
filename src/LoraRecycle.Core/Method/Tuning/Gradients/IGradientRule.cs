using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Tuning.Gradients;

/// <summary>Where the loss's gradient is taken.</summary>
internal interface IGradientRule
{
    /// <summary>Leaves gradients at the parameters.</summary>
    /// <param name="loss">Computes the loss, each time it is called.</param>
    /// <returns>The loss at the parameters' own values.</returns>
    double Take(Func<Tensor> loss);
}

/// <summary>At the values themselves.</summary>
internal sealed class PlainGradient : IGradientRule
{
    public double Take(Func<Tensor> loss)
    {
        var value = loss();
        value.backward();
        return value.item<float>();
    }
}
