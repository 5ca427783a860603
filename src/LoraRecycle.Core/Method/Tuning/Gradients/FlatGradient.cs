using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Tuning.Gradients;

/// <summary>
/// (1 - share) grad L(x) + share grad L(x + radius grad L / |grad L|): to first order the gradient of L + share radius |grad L|, which
/// leads to flat minima. Sharpness-aware minimisation is share 1; GLAD (arXiv 2507.13089), whose own formula is in no published code, is
/// read as this.
/// </summary>
/// <param name="parameters">All that are trained.</param>
/// <param name="radius">How far the second gradient is taken from the values.</param>
/// <param name="share">How much it counts.</param>
internal sealed class FlatGradient(IReadOnlyList<Parameter> parameters, double radius, double share) : IGradientRule
{
    public double Take(Func<Tensor> loss)
    {
        using var scope = NewDisposeScope();
        var value = loss();
        value.backward();
        var before = new List<(Parameter Parameter, Tensor Value, Tensor Gradient)>();
        using (no_grad())
        {
            before.AddRange(parameters.Select(parameter => (parameter, parameter.detach().clone(), parameter.grad!.clone())));
            var norm = before.Select(one => one.Gradient.square().sum()).Aggregate((sum, next) => sum.add(next)).sqrt().add(1e-12);
            foreach (var (parameter, _, gradient) in before)
            {
                parameter.add_(gradient.div(norm).mul(radius));
                parameter.grad!.zero_();
            }
        }
        loss().backward();
        using (no_grad())
            foreach (var (parameter, own, gradient) in before)
            {
                parameter.copy_(own);
                parameter.grad!.mul_(share).add_(gradient, 1 - share);
            }
        return value.item<float>();
    }
}
