using System.Globalization;
using LoraRecycle.Service.Platform.Http.Errors;
using Microsoft.Net.Http.Headers;

namespace LoraRecycle.Service.Features.StoredTasks;

/// <summary>The entity tag of a task (RFC 9110, section 8.8.3): its version.</summary>
internal static class TaskTag
{
    public static string Of(long version) => string.Create(CultureInfo.InvariantCulture, $"\"{version}\"");

    /// <summary>The versions that <c>If-Match</c> names, those that no task has among them; null for any.</summary>
    /// <exception cref="ProblemException">It is none.</exception>
    public static IReadOnlyCollection<long>? Expected(HttpRequest request)
    {
        if (request.Headers.IfMatch.Count == 0)
            return null;
        if (!EntityTagHeaderValue.TryParseStrictList([.. request.Headers.IfMatch.OfType<string>()], out var tags))
            throw new ProblemException(
                Problems.MalformedRequest,
                "Expected entity tags in If-Match, such as \"3\" with its quotes, or *.",
                "If-Match"
            );
        // Weak ones never match (section 13.1.1).
        return tags.Any(tag => tag.Equals(EntityTagHeaderValue.Any))
            ? null
            :
            [
                .. tags.Where(tag => !tag.IsWeak)
                    .Select(tag =>
                        long.TryParse(tag.Tag.AsSpan().Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var version)
                            ? version
                            : -1
                    ),
            ];
    }
}
