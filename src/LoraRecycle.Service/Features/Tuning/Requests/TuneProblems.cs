using LoraRecycle.Service.Platform.Http.Errors;

namespace LoraRecycle.Service.Features.Tuning.Requests;

/// <summary>The errors of tuning alone; those of jobs are <c>RecycleProblems</c>.</summary>
public static class TuneProblems
{
    public static readonly ProblemKind UnknownMethod = new("unknown-method", 422, "No such tuning method.");
    public static readonly ProblemKind UnknownTask = new("unknown-task", 422, "No such stored task.");
    public static readonly ProblemKind TooFewExamples = new("too-few-examples", 422, "A class has too few images to tune on.");

    /// <summary>All of them, by status.</summary>
    public static IReadOnlyList<ProblemKind> All { get; } = [UnknownMethod, UnknownTask, TooFewExamples];
}
