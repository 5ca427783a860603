using LoraRecycle.Core.Method.Tuning;

namespace LoraRecycle.Core.Markets;

/// <summary>Where building a market is.</summary>
/// <param name="Name">The LoRA under way.</param>
/// <param name="Done">LoRAs done or passed over before it.</param>
/// <param name="Loras">LoRAs in all.</param>
/// <param name="Tuning">Where the one under way is.</param>
public readonly record struct MarketProgress(string Name, int Done, int Loras, TuningProgress Tuning);
