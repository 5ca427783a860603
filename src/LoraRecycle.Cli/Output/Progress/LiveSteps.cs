using LoraRecycle.Core.Method.Distillation;
using LoraRecycle.Core.Method.Inversion.Building;
using LoraRecycle.Core.Method.Recycling;

namespace LoraRecycle.Cli.Output.Progress;

/// <summary>What long runs report, as the steps that a terminal shows.</summary>
internal static class LiveSteps
{
    public static LiveStep Of(PoolProgress progress) => new(
        progress.Names.Count == 1 ? progress.Names[0] : $"{progress.Names[0]} and {progress.Names.Count - 1} more",
        progress.Iterations, progress.AllIterations, progress.Loss);

    public static LiveStep Of(DistillationProgress progress) => new("distillation", progress.Iteration, progress.Iterations, progress.Loss);

    public static LiveStep Of(RecyclingProgress progress) => progress.Inversion is { } pools
        ? Of(pools) with { Stage = "inversion" }
        : Of(progress.Distillation!) with { Stage = "distillation" };
}
