using LoraRecycle.Core.Method.Tuning.Options;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Tuning.Updates;

/// <summary>SoRA (arXiv 2311.11696): the proximal step of an L1 penalty on the gates, which shuts ranks that a task does not
/// need.</summary>
internal sealed class GateThreshold(IReadOnlyList<Parameter> gates, double threshold, GateRule rule) : IUpdate
{
    /// <summary>What is left of a gate.</summary>
    internal static Tensor Shrunk(Tensor gate, double threshold, GateRule rule)
    {
        var less = gate.abs().sub(threshold);
        // The authors' code takes the threshold off and then asks again who is below it.
        return less.clamp(0).mul(gate.sign()).mul(rule == GateRule.Published ? less.gt(threshold) : ones_like(gate));
    }

    public void Before(int step)
    {
    }

    public void After(int step)
    {
        using var withoutGrad = no_grad();
        foreach (var gate in gates) gate.copy_(Shrunk(gate, threshold, rule));
    }
}
