namespace LoraRecycle.Core.Method.Tuning;

/// <summary>Where tuning is.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Steps">Steps in all.</param>
/// <param name="Loss">Cross-entropy of the last batch.</param>
public readonly record struct TuningProgress(int Step, int Steps, double Loss);
