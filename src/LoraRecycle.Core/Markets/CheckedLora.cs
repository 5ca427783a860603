namespace LoraRecycle.Core.Markets;

/// <summary>How a LoRA came out of a check.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Listed">Held-out accuracy when it was built, a fraction of 1.</param>
/// <param name="Accuracy">The same measured now; null where its images are not at hand.</param>
/// <param name="Fault">What is wrong with it, or null.</param>
public sealed record CheckedLora(string Name, double? Listed, double? Accuracy, string? Fault)
{
    internal static CheckedLora Bad(LoraRecord lora, string fault) => new(lora.Name, lora.HeldOutAccuracy, Accuracy: null, fault);
}
