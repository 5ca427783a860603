using LoraRecycle.Service.Platform.Http.Errors;

namespace LoraRecycle.Service.Platform.Security;

/// <summary>The keys as they are now: the file is read again when it has changed, so a revocation needs no restart.</summary>
internal sealed class LiveApiKeys(ApiKeyStore store, TimeProvider time)
{
    // Two changes within one tick of the file system's clock look alike, so a file this young is read every time.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(2);

    private Snapshot? _snapshot;

    private sealed record Snapshot(bool Exists, DateTime Written, long Length, bool IsSettled, IReadOnlyDictionary<string, ApiKey> Keys);

    /// <summary>
    /// Whether keys were ever made. That all of them are revoked does not open the service: the file must be removed.
    /// </summary>
    public bool Any => Current().Keys.Count > 0;

    /// <summary>The key of a token; null when there is none, or it is revoked, or the token is not its present one.</summary>
    public ApiKey? Find(string token) =>
        ApiKeyToken.IdOf(token) is { } id
        && Current().Keys.TryGetValue(id, out var key)
        && ApiKeyToken.Matches(token, key.Hash)
        && key.Revoked is null
            ? key
            : null;

    private Snapshot Current()
    {
        var now = time.GetUtcNow().UtcDateTime;
        var file = new FileInfo(store.Path);
        var (written, length) = file.Exists ? (file.LastWriteTimeUtc, file.Length) : (default, 0);
        var known = Volatile.Read(ref _snapshot);
        if (known is { IsSettled: true } && (known.Exists, known.Written, known.Length) == (file.Exists, written, length))
            return known;
        try
        {
            var read = new Snapshot(
                file.Exists,
                written,
                length,
                !file.Exists || now - written > Settling,
                store.Read().ToDictionary(key => key.Id, StringComparer.Ordinal)
            );
            Volatile.Write(ref _snapshot, read);
            return read;
        }
        catch (Exception exception) when (exception is ApiKeyException or ArgumentException)
        {
            // Neither the keys of before, one of which may be revoked, nor no keys at all.
            throw new ProblemException(
                Problems.KeysUnavailable,
                "The server cannot read its keys and admits nobody until it can; see its log for the reason.",
                cause: exception
            );
        }
    }
}
