namespace LoraRecycle.Core.Method.Distillation;

/// <summary>Where a run is.</summary>
/// <param name="Iteration">Steps done.</param>
/// <param name="Iterations">Steps in all.</param>
/// <param name="Loss">Of the steps since the last report, averaged.</param>
public sealed record DistillationProgress(int Iteration, int Iterations, double Loss);
