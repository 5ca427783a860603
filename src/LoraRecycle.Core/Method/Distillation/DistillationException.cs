namespace LoraRecycle.Core.Method.Distillation;

/// <summary>Pools and LoRAs that cannot be distilled, or a run that diverged.</summary>
public sealed class DistillationException(string message) : Exception(message);
