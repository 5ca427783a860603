using LoraRecycle.Service.Errors;
using LoraRecycle.Service.Jobs;
using LoraRecycle.Service.Loras;
using LoraRecycle.Service.State;
using LoraRecycle.Service.StoredTasks;

namespace LoraRecycle.Service;

/// <summary>Every error of the API.</summary>
public static class AllProblems
{
    /// <summary>By status.</summary>
    public static IReadOnlyList<ProblemKind> List { get; } =
        [.. Problems.All.Concat(LoraProblems.All).Concat(StateProblems.All).Concat(TaskProblems.All).Concat(RecycleProblems.All).OrderBy(kind => kind.Status)];
}
