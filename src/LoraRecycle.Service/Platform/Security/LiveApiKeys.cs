using LoraRecycle.Service.Platform.Http.Errors;

namespace LoraRecycle.Service.Platform.Security;

/// <summary>The keys as they are now: the file is read again when it has changed, so a revocation needs no restart.</summary>
internal sealed class LiveApiKeys(ApiKeyStore store, TimeProvider time)
{
    // Two changes within one tick of the file system's clock look alike, so a file this young is read every time.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(2);

    private Snapshot? _snapshot;
    private volatile bool _wereSeen;

    private sealed record Snapshot(bool Exists, DateTime Written, long Length, bool IsSettled, IReadOnlyDictionary<string, ApiKey> Keys);

    /// <summary>
    /// Whether keys were ever made. That all of them are revoked does not open the service, nor that their file goes while it runs: it
    /// must be started without one.
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

    /// <summary>Whether a key that somebody was let in with still is what it was: neither revoked nor replaced.</summary>
    /// <param name="id">The key's id.</param>
    /// <param name="hash">What was stored of its token.</param>
    /// <returns>False also while the keys cannot be read.</returns>
    public bool IsStillGood(string id, string hash)
    {
        try
        {
            return Current().Keys.TryGetValue(id, out var key) && key.Hash == hash && key.Revoked is null;
        }
        catch (ProblemException)
        {
            return false;
        }
    }

    private Snapshot Current()
    {
        var now = time.GetUtcNow().UtcDateTime;
        var file = new FileInfo(store.Path);
        var (written, length) = file.Exists ? (file.LastWriteTimeUtc, file.Length) : (default, 0);
        if (!file.Exists && _wereSeen)
            throw new ProblemException(
                Problems.KeysUnavailable,
                "The server's keys are gone and it admits nobody until they are back; see its log for what to do.",
                cause: new ApiKeyException(
                    $"{store.Path} was there and is gone. Restore it; or restart the server, which then needs no key.",
                    null
                )
            );
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
            _wereSeen |= read.Keys.Count > 0;
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
