using System.Text.RegularExpressions;

namespace LoraRecycle.Core.Hub;

/// <summary>A repository of the Hugging Face Hub, and perhaps which revision of it: <c>ORG/NAME</c>, or <c>ORG/NAME@REVISION</c>.</summary>
/// <param name="Repository">ORG/NAME, by the hub's own rules for names.</param>
/// <param name="Revision">A branch, a tag or a commit; null for the default branch.</param>
public sealed partial record HubReference(string Repository, string? Revision = null)
{
    private const string DefaultRevision = "main";

    /// <summary>The revision, said or not.</summary>
    public string RevisionOrDefault => Revision ?? DefaultRevision;

    /// <summary>What follows <c>./run pull</c> to fetch it.</summary>
    public string Arguments => Revision is null ? Repository : $"{Repository} --revision {Revision}";

    public override string ToString() => Revision is null ? Repository : $"{Repository}@{Revision}";

    /// <summary>Reads a reference; null where the text is none. Each part becomes a path, so none can lead out of its folder.</summary>
    public static HubReference? TryParse(string text)
    {
        var (repository, revision) = text.IndexOf('@') is >= 0 and var at ? (text[..at], text[(at + 1)..]) : (text, null);
        return
            Repositories().IsMatch(repository)
            && !repository.EndsWith(".git", StringComparison.Ordinal)
            && (revision is null || Revisions().IsMatch(revision))
                ? new HubReference(repository, revision)
                : null;
    }

    /// <summary>Whether a text is a full commit, which names one state for good.</summary>
    internal static bool IsCommit(string text) => Commits().IsMatch(text);

    [GeneratedRegex(@"^(?!.*(--|\.\.))[A-Za-z0-9_]([A-Za-z0-9_.-]{0,94}[A-Za-z0-9_])?/[A-Za-z0-9_]([A-Za-z0-9_.-]{0,94}[A-Za-z0-9_])?\z")]
    private static partial Regex Repositories();

    [GeneratedRegex(@"^(?!.*(\.\.|//|/\.))[A-Za-z0-9_][A-Za-z0-9_.+/-]{0,198}(?<![/.])\z")]
    private static partial Regex Revisions();

    [GeneratedRegex(@"^[0-9a-f]{40}\z")]
    private static partial Regex Commits();
}
