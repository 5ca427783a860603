using LoraRecycle.Service.Platform.Http.Errors;
using LoraRecycle.Service.Platform.Storage;

namespace LoraRecycle.Service.Host;

/// <summary>Every error of the API.</summary>
public static class AllProblems
{
    /// <summary>By status.</summary>
    public static IReadOnlyList<ProblemKind> List { get; } =
    [.. Problems.All.Concat(StateProblems.All).Concat(Feature.All.SelectMany(feature => feature.Problems)).OrderBy(kind => kind.Status)];
}
