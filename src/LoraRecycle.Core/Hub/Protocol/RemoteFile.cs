namespace LoraRecycle.Core.Hub.Protocol;

/// <summary>A file of a repository at a commit, as the hub describes it.</summary>
/// <param name="Repository">ORG/NAME.</param>
/// <param name="Commit">The commit.</param>
/// <param name="Path">Its name in the repository's root.</param>
/// <param name="Tag">The hub's tag of its content, which the cache calls it by.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Hash">What its content must come to, in hex: SHA-256 of a large file, else git's SHA-1.</param>
internal sealed record RemoteFile(string Repository, string Commit, string Path, string Tag, long Size, string Hash);
