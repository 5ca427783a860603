using LoraRecycle.Core.Method.Inversion.Pools;

namespace LoraRecycle.Core.Method.Inversion.Optimization;

/// <summary>How far a batch of LoRAs is.</summary>
/// <param name="Iteration">Iterations done.</param>
/// <param name="Iterations">Iterations in all.</param>
/// <param name="Losses">Each LoRA's loss, in the order they came in; not finite for one that diverged.</param>
/// <param name="Seconds">Time spent so far, earlier runs included.</param>
public sealed record InversionProgress(int Iteration, int Iterations, IReadOnlyList<float> Losses, double Seconds);

/// <summary>What became of one LoRA: its images, or why there are none.</summary>
/// <param name="Name">The LoRA's.</param>
/// <param name="Pool">Owned by whoever receives it; null where the inversion failed.</param>
/// <param name="Failure">Null where it did not.</param>
public sealed record InversionOutcome(string Name, SyntheticPool? Pool, string? Failure);
