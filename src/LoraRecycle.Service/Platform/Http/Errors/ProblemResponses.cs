namespace LoraRecycle.Service.Platform.Http.Errors;

/// <summary>The problems that an endpoint may answer with, for the document.</summary>
internal sealed record ProblemResponses(IReadOnlyList<ProblemKind> Kinds);

internal static class ProblemResponsesExtensions
{
    public static RouteHandlerBuilder ProducesProblems(this RouteHandlerBuilder endpoint, params ProblemKind[] kinds)
    {
        foreach (var status in kinds.Select(kind => kind.Status).Distinct())
            endpoint.ProducesProblem(status);
        return endpoint.WithMetadata(new ProblemResponses(kinds));
    }
}
