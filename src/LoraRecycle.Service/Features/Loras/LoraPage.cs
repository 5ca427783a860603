using System.Globalization;
using LoraRecycle.Service.Features.Loras.Storage;
using LoraRecycle.Service.Platform.Http.Bodies;
using LoraRecycle.Service.Platform.Http.Errors;

namespace LoraRecycle.Service.Features.Loras;

/// <summary>
/// A part of the market, in the order in which LoRAs were added. What <see cref="Next"/> holds is a place in that order and not
/// a LoRA, so it stays good when LoRAs come and go.
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
                (query.After is null || PlaceOf(lora).CompareTo(after) > 0) && match.Fits(lora)
            )
            .Take(limit + 1)
            .ToArray();
        return found.Length <= limit
            ? new LoraPage(found, null)
            : new LoraPage(found[..limit], Text(PlaceOf(found[limit - 1])));
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

    private static (long Sequence, long Ticks, string Id) PlaceOf(Lora lora) =>
        (lora.Facts.Sequence, lora.Facts.Added.UtcTicks, lora.Id);

    private static string Text((long Sequence, long Ticks, string Id) place) =>
        string.Create(CultureInfo.InvariantCulture, $"{place.Sequence}.{place.Ticks}.{place.Id}");

    private static (long Sequence, long Ticks, string Id) Place(string text) =>
        text.Split('.') switch
        {
            [var sequence, var ticks, var id] => (Number(sequence), Number(ticks), Id(id)),
            [var ticks, var id] => (0, Number(ticks), Id(id)), // of a version that numbered none
            _ => throw NoPlace(),
        };

    private static long Number(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw NoPlace();

    private static string Id(string text) => UploadedLoras.IsId(text) ? text : throw NoPlace();

    private static ProblemException NoPlace() => Wrong("the next of the previous page", "after");

    private static ProblemException Wrong(string expected, string field) =>
        new(Problems.WrongType, $"Expected {expected}; found something else.", field);
}
