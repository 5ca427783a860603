using System.Globalization;
using System.Text.Json;
using LoraRecycle.Client.Contracts;

namespace LoraRecycle.Client;

/// <summary>The service refused a request, or failed at it: problem details (RFC 9457).</summary>
public sealed class ProblemException : Exception
{
    private ProblemException(string message)
        : base(message)
    {
    }

    /// <summary>The HTTP status.</summary>
    public required int Status { get; init; }

    /// <summary>The kind of problem, for programs: one of the codes in the service's <c>docs/api.md</c>, such as <c>no-query</c>. Null when
    /// something between sent the answer, such as a proxy.</summary>
    public string? Code { get; init; }

    /// <summary>The part of the request at fault, such as <c>support[cup][2]</c>; null when no single part is.</summary>
    public string? Field { get; init; }

    /// <summary>What the code means, in a few words.</summary>
    public string? Title { get; init; }

    /// <summary>What was expected and what was found.</summary>
    public string? Detail { get; init; }

    /// <summary>The id of the request, as in the service's log.</summary>
    public string? RequestId { get; init; }

    /// <summary>When to try again, as the service says; null when it does not.</summary>
    public TimeSpan? RetryAfter { get; init; }

    internal static async Task<ProblemException> ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        var status = (int)response.StatusCode;
        var after = response.Headers.RetryAfter;
        var retryAfter = after?.Delta ?? (after?.Date is { } date ? date - DateTimeOffset.UtcNow : null);
        var id = response.Headers.TryGetValues("X-Request-Id", out var ids) ? ids.FirstOrDefault() : null;
        // HEAD and proxies: what is not JSON is said by its status.
        if (response.Content.Headers.ContentType?.MediaType is not "application/problem+json")
            return new ProblemException($"The service answered {status} {response.ReasonPhrase}, without saying why.")
            {
                Status = status,
                RequestId = id,
                RetryAfter = retryAfter,
            };
        var body = await response.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false);
        var details = JsonSerializer.Deserialize(body, ClientJson.Default.ProblemBody) ?? new ProblemBody();
        var at = details.Field is null ? "" : $", at {details.Field}";
        return new ProblemException(
            string.Create(CultureInfo.InvariantCulture, $"{details.Detail ?? details.Title} ({status} {details.Code}{at})")
        )
        {
            Status = status,
            Code = details.Code,
            Field = details.Field,
            Title = details.Title,
            Detail = details.Detail,
            RequestId = details.RequestId ?? id,
            RetryAfter = retryAfter,
        };
    }
}
