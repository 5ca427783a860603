using LoraRecycle.Service.Platform.Http.Bodies;
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
    private readonly HashSet<string> _fields = new(StringComparer.Ordinal);
    private int _queries;

    /// <summary>What the fields that are no files go to.</summary>
    public EpisodeBuilder Episode { get; } = new(limits, Query);

    /// <summary>The name of a part as the others of the same class or field have it, with and without an index: of
    /// <c>support[cup][0]</c> and <c>support[cup][]</c>, <c>support[cup]</c>.</summary>
    public static string NameOf(FormPart part) => part.Unindexed switch
    {
        Query or RequestMemberNames.DropClasses or RequestMemberNames.DropImages => part.Unindexed,
        // Not support[0], whose label is 0.
        var support when support.StartsWith(SupportPrefix, StringComparison.Ordinal) && support.EndsWith(']') => support,
        _ => part.Name,
    };

    /// <summary>Notes a field that has one value.</summary>
    /// <exception cref="ProblemException">It has come before, and which one counts would be a guess.</exception>
    public void ExpectOnce(string name)
    {
        if (!_fields.Add(name))
            throw new ProblemException(Problems.WrongType, "Expected one value; found two parts of this name.", name);
    }

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
