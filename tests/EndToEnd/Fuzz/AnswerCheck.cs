using System.Text.Json;
using System.Text.Json.Nodes;
using LoraRecycle.Service.Host;
using LoraRecycle.Service.Platform.Http.Errors;

namespace LoraRecycle.EndToEnd.Fuzz;

/// <summary>What may come back for a request, whatever it was.</summary>
internal static class AnswerCheck
{
    private static readonly Dictionary<string, ProblemKind> Known = AllProblems.List.ToDictionary(kind => kind.Code);

    // The problems of 503 that say no more than that there is too much to do.
    private static readonly string[] Full = [Problems.QueueFull.Code, "too-many-jobs"];

    // What the web server refuses before the service sees it; it has no body then.
    private static readonly int[] OfTheWebServer = [400, 408, 411, 413, 414, 417, 431];

    /// <returns>What is wrong with it; null when nothing is.</returns>
    public static string? Wrong(FuzzRequest request, RawAnswer answer)
    {
        if (answer.Status == 0)
            return request.HangsUp ? null : "The connection ended without an answer.";
        if (!answer.Headers.ContainsKey("X-Request-Id"))
            return OfTheWebServer.Contains(answer.Status) && answer.Body.Length == 0
                ? null
                : $"An answer of {answer.Status} has no request id: {Start(answer)}";
        return answer.Status switch
        {
            >= 200 and < 300 => null,
            304 when answer.Body.Length == 0 => null,
            503 when CodeOf(answer) is { } full && Full.Contains(full) && answer.Headers.ContainsKey("Retry-After") => null,
            >= 400 and < 500 when request.Method == "HEAD" => answer.Body.Length == 0 ? null : "An answer to HEAD has a body.",
            >= 400 and < 500 => WrongProblem(answer),
            _ => $"The answer is {answer.Status}: {Start(answer)}",
        };
    }

    private static string? WrongProblem(RawAnswer answer)
    {
        if (answer.Headers.GetValueOrDefault("Content-Type") != "application/problem+json")
            return $"An answer of {answer.Status} is {answer.Headers.GetValueOrDefault("Content-Type") ?? "nothing"}, not problem "
                + $"details: {Start(answer)}";
        if (CodeOf(answer) is not { } code || !Known.TryGetValue(code, out var kind))
            return $"The problem has no known code: {Start(answer)}";
        if (kind.Status != answer.Status)
            return $"The problem {code} comes with {answer.Status}.";
        return null;
    }

    private static string? CodeOf(RawAnswer answer)
    {
        try
        {
            return (string?)JsonNode.Parse(answer.Body)?["code"];
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Start(RawAnswer answer) => answer.Text.Length > 600 ? answer.Text[..600] : answer.Text;
}
