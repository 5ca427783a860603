using LoraRecycle.Core.Adapters;

namespace LoraRecycle.Core.Method.Tuning;

/// <summary>What tuning gave. Owns the adapter.</summary>
/// <param name="Adapter">The LoRA with its head and class names.</param>
/// <param name="Losses">Cross-entropy of each step's batch, before the step.</param>
public sealed record TunedLora(Adapter Adapter, IReadOnlyList<double> Losses) : IDisposable
{
    public void Dispose() => Adapter.Dispose();
}
