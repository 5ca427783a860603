using System.Globalization;
using LoraRecycle.Service.Features.Loras.Storage;
using LoraRecycle.Service.Platform.Http.Bodies;
using LoraRecycle.Service.Platform.Http.Errors;

namespace LoraRecycle.Service.Features.Loras;

/// <summary>
/// A part of the market, in the order in which LoRAs were added and of the same moment by id. What <see cref="Next"/> holds is
/// a place in that order and not a LoRA, so it stays good when LoRAs come and go.
/// </summary>
/// <param name="Loras">Those of the part.</param>
/// <param name="Next">Where the next part begins; null when there is none.</param>
internal sealed record LoraPage(IReadOnlyList<Lora> Loras, string? Next)
{
    private const int DefaultLimit = 100;
    private const int MostLimit = 1000;

    private static readonly string[] Names = ["limit", "after", "name", "family", "rank", "origin"];

    /// <param name="all">The market in its order.</param>
    /// <param name="query">What is asked for.</param>
    /// <exception cref="ProblemException">The query cannot be read.</exception>
    public static LoraPage Of(IEnumerable<Lora> all, LoraQuery query)
    {
        var limit = QueryNumber.Read(query.Limit, DefaultLimit, 1, MostLimit, "limit", Problems.WrongType);
        var rank = query.Rank is null ? (int?)null : QueryNumber.Read(query.Rank, 0, 1, int.MaxValue, "rank", Problems.WrongType);
        var after = query.After is null ? default : Place(query.After);
        if (query.Name is { Length: 0 or > LoraMatch.LongestPattern })
            throw Wrong($"a pattern of 1 to {LoraMatch.LongestPattern} characters", "name");
        var origin = query.Origin switch
        {
            null => (LoraOrigin?)null,
            "uploaded" => LoraOrigin.Uploaded,
            "shipped" => LoraOrigin.Shipped,
            _ => throw Wrong("uploaded or shipped", "origin"),
        };
        var match = new LoraMatch(query.Name, query.Family, rank, origin);
        var found = all.Where(lora =>
                (query.After is null || (lora.Facts.Added.UtcTicks, lora.Id).CompareTo(after) > 0) && match.Fits(lora)
            )
            .Take(limit + 1)
            .ToArray();
        return found.Length <= limit
            ? new LoraPage(found, null)
            : new LoraPage(
                found[..limit],
                string.Create(CultureInfo.InvariantCulture, $"{found[limit - 1].Facts.Added.UtcTicks}.{found[limit - 1].Id}")
            );
    }

    /// <exception cref="ProblemException">There is a parameter that means nothing here, perhaps misspelt.</exception>
    public static void RequireKnown(IQueryCollection parameters)
    {
        if (parameters.Keys.FirstOrDefault(name => !Names.Contains(name, StringComparer.OrdinalIgnoreCase)) is { } unknown)
            throw new ProblemException(
                Problems.UnknownField,
                $"Expected parameters among {string.Join(", ", Names)}; found another one.",
                LoraFiles.Shown(unknown)
            );
        if (parameters.FirstOrDefault(parameter => parameter.Value.Count > 1) is { Key: { } repeated })
            throw Wrong("one value", repeated);
    }

    private static (long Ticks, string Id) Place(string text)
    {
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        return
            dot > 0
            && long.TryParse(text.AsSpan(0, dot), NumberStyles.None, CultureInfo.InvariantCulture, out var ticks)
            && UploadedLoras.IsId(text[(dot + 1)..])
            ? (ticks, text[(dot + 1)..])
            : throw Wrong("the next of the previous page", "after");
    }

    private static ProblemException Wrong(string expected, string field) =>
        new(Problems.WrongType, $"Expected {expected}; found something else.", field);
}
