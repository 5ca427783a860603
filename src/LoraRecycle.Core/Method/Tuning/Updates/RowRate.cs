using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Tuning.Updates;

/// <summary>
/// ALLoRA (arXiv 2410.09692): a row's step is divided by the square root of the size that the row has reached, so that B leaves zero fast
/// and then slows down. The step and not the gradient is scaled, since Adam divides out what scales a gradient.
/// </summary>
/// <param name="factors">A and B of all layers.</param>
/// <param name="eta">What a row of zeros is multiplied by.</param>
internal sealed class RowRate(IReadOnlyList<Parameter> factors, double eta) : IUpdate
{
    private readonly List<(Tensor Value, Tensor Factor)> _before = [];

    /// <summary>1 / sqrt(norm + 1 / eta^2).</summary>
    internal static Tensor Factor(Tensor norms, double eta) => norms.add(1 / (eta * eta)).rsqrt();

    public void Before(int step)
    {
        using var withoutGrad = no_grad();
        _before.Clear();
        foreach (var factor in factors)
            _before.Add((factor.detach().clone(), Factor(factor.square().sum(1, keepdim: true).sqrt(), eta)));
    }

    public void After(int step)
    {
        using var withoutGrad = no_grad();
        foreach (var (factor, (value, rate)) in factors.Zip(_before))
            factor.copy_(value.add(factor.sub(value).mul(rate)));
    }
}
