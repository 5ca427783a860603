using LoraRecycle.Core.Adapters;

namespace LoraRecycle.Core.Method.Tuning;

/// <summary>What tuning gave. Owns the adapter.</summary>
/// <param name="Adapter">The LoRA with its head and class names.</param>
/// <param name="Losses">The loss of each step's batch, before the step.</param>
/// <param name="Lost">What the LoRA lacks of what was tuned, in the Frobenius norm of the layer that lacks most, relative to its change; 0
/// but for forms that are of a larger rank than is stored.</param>
/// <param name="Shares">Of a search: how much each layer or block counted, 1 being even; empty without one.</param>
public sealed record TunedLora(
    Adapter Adapter, IReadOnlyList<double> Losses, double Lost, IReadOnlyDictionary<string, double> Shares) : IDisposable
{
    public void Dispose() => Adapter.Dispose();
}
