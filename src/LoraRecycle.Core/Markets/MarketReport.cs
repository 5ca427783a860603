namespace LoraRecycle.Core.Markets;

/// <summary>What building a market did.</summary>
/// <param name="Built">LoRAs that were tuned.</param>
/// <param name="Skipped">Names of those that were there already.</param>
/// <param name="Failed">Those that diverged, with the reason; the others went on.</param>
public sealed record MarketReport(IReadOnlyList<LoraRecord> Built, IReadOnlyList<string> Skipped, IReadOnlyList<MarketFailure> Failed);

/// <summary>A LoRA that could not be tuned.</summary>
public sealed record MarketFailure(string Name, string Reason);
