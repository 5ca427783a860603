namespace LoraRecycle.Core.Method.Inversion.Building;

/// <summary>How far the pools of many LoRAs are.</summary>
/// <param name="Done">LoRAs that are finished, failed ones included.</param>
/// <param name="Total">LoRAs in all.</param>
/// <param name="Names">Those being inverted now, on all devices.</param>
/// <param name="Iterations">Iterations done, summed over LoRAs.</param>
/// <param name="AllIterations">Iterations in all, summed over LoRAs.</param>
/// <param name="Loss">The mean over those being inverted that are well; not a number where none is.</param>
public sealed record PoolProgress(int Done, int Total, IReadOnlyList<string> Names, long Iterations, long AllIterations, double Loss);

/// <summary>What became of one LoRA.</summary>
/// <param name="Name">The LoRA's.</param>
/// <param name="Directory">Its pool; null where the inversion failed.</param>
/// <param name="BestLoss">The loss of the images that were kept.</param>
/// <param name="Seconds">This LoRA's share of the time.</param>
/// <param name="Failure">Null where it did not.</param>
public sealed record PoolResult(string Name, string? Directory, float? BestLoss, double? Seconds, string? Failure);
