namespace LoraRecycle.Core.Hub.Pulling;

/// <summary>A repository that is in the cache, as far as this program reads it.</summary>
/// <param name="Repository">The name that it is found by, ORG/NAME.</param>
/// <param name="Revision">The branch, tag or commit that was asked for.</param>
/// <param name="Commit">The commit.</param>
/// <param name="IsAdapter">Whether it is an adapter, and no model.</param>
/// <param name="Path">Its directory.</param>
/// <param name="Files">Its files.</param>
/// <param name="Fetched">Bytes that were not in the cache before.</param>
/// <param name="RenamedTo">What the hub calls it now, where that is another name.</param>
public sealed record PulledRepository(
    string Repository,
    string Revision,
    string Commit,
    bool IsAdapter,
    string Path,
    IReadOnlyList<PulledFile> Files,
    long Fetched,
    string? RenamedTo
);

/// <param name="Name">Its name in the repository.</param>
/// <param name="Bytes">Its size.</param>
public sealed record PulledFile(string Name, long Bytes);
