using System.Net;
using System.Text.RegularExpressions;

namespace LoraRecycle.Core.Hub.Protocol;

/// <summary>An answer of a hub that is no success, as an error that says what to do.</summary>
internal static partial class HubRefusal
{
    public static Exception Of(HubAnswer answer, HubReference reference, HubSettings settings)
    {
        var (response, name) = (answer.Response, reference.Repository);
        var (page, tokens) = ($"{settings.Endpoint}{name}", $"{settings.Endpoint}settings/tokens");
        var (status, hasToken) = ((int)response.StatusCode, settings.Token is not null);
        if (!answer.IsOfHub)
            return new HubAccessException(
                $"{answer.Address.Authority}, where the hub keeps files of {name}, answers {status} instead of the file. Try again later."
            )
            {
                IsTransient = status is 403 or 408 or 429 or >= 500, // 403 is an address whose time has run out; the hub gives a new one
                RetryAfter = Wait(response),
            };
        return (status, HubAnswer.Header(response, "X-Error-Code"), HubAnswer.Header(response, "X-Error-Message")) switch
        {
            (_, "RevisionNotFound", _) => new HubContentException(
                $"{name} has no revision '{reference.RevisionOrDefault}'. {page}/tree/main lists its branches and tags; without "
                    + "--revision, the main branch is fetched."
            ),
            (_, "EntryNotFound", _) => new HubContentException(
                $"{name} no longer has a file that it listed, {answer.Address.Segments[^1]}. Run the same command again."
            ),
            (_, "GatedRepo", _) => new HubAccessException(
                $"{name} is gated. Accept its terms at {page}, "
                    + (hasToken
                        ? "with the account that the token is of, and wait for approval where it needs one."
                        : $"and set HF_TOKEN to a token of the account that did ({tokens}).")
            ),
            (_, _, "Access to this resource is disabled.") => new HubContentException(
                $"the hub has disabled access to {name}; {page} may say why."
            ),
            (401, not "RepoNotFound", "Invalid credentials in Authorization header") => new HubAccessException(
                $"the hub does not accept the token of HF_TOKEN or of the token file. Make a new one at {tokens}; public repositories "
                    + "need none."
            ),
            (404 or 401, _, _) => new HubContentException(
                $"there is no repository {name} at {settings.Endpoint.Authority}, or it is private. Check the name; "
                    + (hasToken
                        ? "for a private one, the token must be of an account that may read it."
                        : $"for a private one, set HF_TOKEN to a token that may read it ({tokens}).")
            ),
            (403, _, _) => new HubAccessException(
                $"the hub does not let {(hasToken ? "this token" : "a request without a token")} read {name}. Use a token that may "
                    + $"({tokens}): its permissions must include the contents of this repository."
            ),
            (429, _, _) => new HubAccessException(
                $"the hub has had too many requests from here{Until(Wait(response))}. Run the same command again then, which goes on where "
                    + $"this one stopped{(hasToken ? "" : "; with a token in HF_TOKEN, the limits are higher")}."
            )
            {
                IsTransient = true,
                RetryAfter = Wait(response),
            },
            (408 or >= 500, _, _) => new HubAccessException(
                $"the hub answers {status} ({(HttpStatusCode)status}): it has a fault of its own, or is down for a while. Try again later; "
                    + "the same command goes on where this one stopped."
            )
            {
                IsTransient = true,
                RetryAfter = Wait(response),
            },
            _ => new HubAccessException(
                $"{HubRequests.Shown(answer.Address)} answers {status}; expected 200. Check HF_ENDPOINT and the proxy."
            ),
        };
    }

    private static string Until(TimeSpan? wait) => wait is { } known ? $", and asks to wait {known.TotalSeconds:0} s" : "";

    /// <summary>By <c>Retry-After</c>, in seconds or as a date, or else by what the hub says of its limits
    /// (<c>"api";r=0;t=55</c>).</summary>
    private static TimeSpan? Wait(HttpResponseMessage response) =>
        response.Headers.RetryAfter is { } after
            ? after.Delta ?? (after.Date - response.Headers.Date is { } until && until > TimeSpan.Zero ? until : TimeSpan.Zero)
        : Reset().Match(HubAnswer.Header(response, "RateLimit") ?? "") is { Success: true } match
            ? TimeSpan.FromSeconds(int.Parse(match.Groups["seconds"].ValueSpan, System.Globalization.CultureInfo.InvariantCulture))
        : null;

    [GeneratedRegex(@";\s*r=0\s*;\s*t=(?<seconds>[0-9]{1,6})")]
    private static partial Regex Reset();
}
