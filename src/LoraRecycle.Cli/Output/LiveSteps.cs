using LoraRecycle.Core.Inversion;

namespace LoraRecycle.Cli.Output;

/// <summary>What long runs report, as the steps that a terminal shows.</summary>
internal static class LiveSteps
{
    public static LiveStep Of(PoolProgress progress) => new(
        progress.Names.Count == 1 ? progress.Names[0] : $"{progress.Names[0]} and {progress.Names.Count - 1} more",
        progress.Iterations, progress.AllIterations, progress.Loss);
}
