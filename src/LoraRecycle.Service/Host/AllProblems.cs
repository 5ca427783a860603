using LoraRecycle.Service.Features.Loras.Storage;
using LoraRecycle.Service.Features.Recycling.Settings;
using LoraRecycle.Service.Features.StoredTasks.Storage;
using LoraRecycle.Service.Platform.Http.Errors;
using LoraRecycle.Service.Platform.Storage;

namespace LoraRecycle.Service.Host;

/// <summary>Every error of the API.</summary>
public static class AllProblems
{
    /// <summary>By status.</summary>
    public static IReadOnlyList<ProblemKind> List { get; } =
        [.. Problems.All.Concat(LoraProblems.All).Concat(StateProblems.All).Concat(TaskProblems.All).Concat(RecycleProblems.All).OrderBy(kind => kind.Status)];
}
