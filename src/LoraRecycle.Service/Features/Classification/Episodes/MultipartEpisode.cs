using LoraRecycle.Service.Platform.Http.Errors;
using LoraRecycle.Service.Platform.Http.Limits;

namespace LoraRecycle.Service.Features.Classification.Episodes;

/// <summary>Collects the parts of a form; a part's field is its name and how many of that name came before it:
/// <c>support[cup][2]</c>.</summary>
internal sealed class MultipartEpisode(LimitsOptions limits, RequestMembers members)
{
    private const string Query = RequestMemberNames.Query;
    private const string SupportPrefix = "support[";

    private readonly OrderedDictionary<string, List<EpisodeImage>> _support = new(StringComparer.Ordinal);
    private int _queries;

    /// <summary>What the fields that are no files go to.</summary>
    public EpisodeBuilder Episode { get; } = new(limits, Query);

    /// <summary>Checks the name of a part before its content is read.</summary>
    /// <returns>The part's field.</returns>
    public string Expect(string name)
    {
        if (name == Query && members.HasFlag(RequestMembers.Queries))
            return $"{Query}[{_queries}]";
        if (!members.HasFlag(RequestMembers.Support) || !name.StartsWith(SupportPrefix, StringComparison.Ordinal) || !name.EndsWith(']'))
            throw new ProblemException(
                Problems.UnknownField,
                $"Expected parts named {members.Listed(form: true)}; found another name.",
                name.Length <= 64 ? name : string.Concat(name.AsSpan(0, 64), "...")
            );
        var label = Label(name);
        Episode.CheckLabel(label, label.Length <= limits.LabelLength ? name : "support[...]");
        return $"{name}[{(_support.TryGetValue(label, out var known) ? known.Count : 0)}]";
    }

    public void Add(string name, byte[] encoded)
    {
        var image = Episode.Image(encoded, Expect(name));
        if (name == Query)
        {
            _queries++;
            Episode.AddQuery(image);
        }
        else if (_support.TryGetValue(Label(name), out var known))
            known.Add(image);
        else
            _support.Add(Label(name), [image]);
    }

    public EpisodeBuilder Build()
    {
        foreach (var (label, images) in _support)
            Episode.AddSupport(label, images, $"{SupportPrefix}{label}]");
        return Episode;
    }

    private static string Label(string name) => name[SupportPrefix.Length..^1];
}
