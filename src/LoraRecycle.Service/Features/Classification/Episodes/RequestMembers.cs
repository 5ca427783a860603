namespace LoraRecycle.Service.Features.Classification.Episodes;

/// <summary>What a body with images may have; anything else in it is an error.</summary>
[Flags]
internal enum RequestMembers
{
    Support = 1,
    Queries = 2,
    MetaLora = 4,
    Reject = 8,
    Name = 16,
    Drops = 32,
    Embeddings = 64,

    /// <summary>What becomes of the support images if a LoRA is tuned on them; kept as texts, for whoever knows what they mean.</summary>
    Tuning = 128,

    /// <summary>One episode.</summary>
    Episode = Support | Queries | MetaLora | Reject | Embeddings,

    /// <summary>A task to store.</summary>
    NewTask = Support | MetaLora | Reject | Name,

    /// <summary>A LoRA to tune.</summary>
    NewLora = Support | Tuning,

    /// <summary>A change of a stored task.</summary>
    TaskChange = Support | Reject | Name | Drops,
}

internal static class RequestMemberNames
{
    public const string Support = "support";
    public const string Queries = "queries";
    public const string MetaLora = "metaLora";
    public const string Reject = "reject";
    public const string Name = "name";
    public const string Embeddings = "embeddings";
    public const string DropClasses = "dropClasses";
    public const string DropImages = "dropImages";

    public const string Task = "task";
    public const string Method = "method";
    public const string HeldOut = "heldOut";
    public const string Options = "options";

    /// <summary>What a form calls its parts of queries.</summary>
    public const string Query = "query";

    /// <summary>Those of <see cref="RequestMembers.Tuning"/>.</summary>
    public static IReadOnlyList<string> OfTuning { get; } = [Name, Task, Method, HeldOut, Options];

    private static readonly (RequestMembers Member, string Json, string Form)[] All =
    [
        (RequestMembers.Support, Support, "support[<label>]"),
        (RequestMembers.Queries, Queries, Query),
        (RequestMembers.MetaLora, MetaLora, MetaLora),
        (RequestMembers.Reject, Reject, Reject),
        (RequestMembers.Name, Name, Name),
        (RequestMembers.Embeddings, Embeddings, Embeddings),
        (RequestMembers.Drops, DropClasses, DropClasses),
        (RequestMembers.Drops, DropImages, DropImages),
        .. OfTuning.Select(name => (RequestMembers.Tuning, name, name)),
    ];

    /// <summary>The names as a sentence has them: <c>support, queries and metaLora</c>.</summary>
    public static string Listed(this RequestMembers members, bool form = false)
    {
        var names = All.Where(one => members.HasFlag(one.Member)).Select(one => form ? one.Form : one.Json).ToArray();
        return names.Length == 1 ? names[0] : $"{string.Join(", ", names[..^1])} and {names[^1]}";
    }
}
