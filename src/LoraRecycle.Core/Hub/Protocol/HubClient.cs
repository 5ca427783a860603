using System.Text.Json;
using LoraRecycle.Core.Foundation;

namespace LoraRecycle.Core.Hub.Protocol;

/// <summary>The Hugging Face Hub's own protocol, as far as fetching needs it: what a repository holds, what a file is, its bytes.</summary>
internal sealed class HubClient(HubSettings settings, HubReference reference, TimeProvider clock) : IDisposable
{
    private const int MostListingBytes = 32 << 20;
    private const long MostBytes = 50_000_000_000; // of a file: what the hub sends over plain HTTP

    private readonly HubRequests _requests = new(settings, clock);

    public HubRequests Requests => _requests;

    /// <summary>The commit of a revision, and the repository's files at it.</summary>
    public Task<HubListing> ListAsync(CancellationToken cancellation)
    {
        var revision = reference.Revision is { } named ? $"/revision/{Uri.EscapeDataString(named)}" : "";
        var address = $"api/models/{reference.Repository}{revision}?blobs=true";
        return PersistAsync(
            async () =>
            {
                using var answer = await AskAsync(HttpMethod.Get, address, 0, cancellation);
                try
                {
                    var json = await _requests.ReceiveAsync(answer.Address, either => ReadAsync(answer.Response, either), cancellation);
                    return JsonSerializer.Deserialize(json, HubListingJson.Default.HubListing) switch
                    {
                        { Sha: { } commit, Siblings: not null } listing when HubReference.IsCommit(commit) => listing,
                        _ => throw NoHub("no commit and no files"),
                    };
                }
                catch (JsonException other)
                {
                    throw NoHub("something that is no JSON", other);
                }
            },
            cancellation
        );
    }

    /// <summary>What the hub says of a file, without its bytes.</summary>
    public Task<RemoteFile> LookUpAsync(string commit, HubListing.Entry entry, CancellationToken cancellation)
    {
        var path = entry.Rfilename!;
        return PersistAsync(
            async () =>
            {
                using var answer = await AskAsync(HttpMethod.Head, Resolve(commit, path), 0, cancellation);
                var hash = ContentHash.IsHash(answer.Tag) ? answer.Tag : entry.Lfs is { Sha256: var sha256 } ? sha256 : entry.BlobId;
                if (answer.Commit is { } of && of != commit)
                    throw new HubAccessException($"the hub has {path} of commit {of} where that of {commit} was asked for. Try again.");
                if (answer is not { Tag: { } tag, Size: { } size } || !SafeName.Is(tag) || !ContentHash.IsHash(hash))
                    throw NoHub($"for {path} no tag, no size or no hash");
                if (entry.Lfs?.Sha256 is { } listed && ContentHash.IsHash(answer.Tag) && listed != answer.Tag)
                    throw NoHub($"two hashes for {path}, {listed} and {answer.Tag}");
                return size is >= 0 and <= MostBytes
                    ? new RemoteFile(reference.Repository, commit, path, tag, size, hash!)
                    : throw new HubContentException(
                        $"{path} of {reference} has {ByteText.Of(size)}; expected at most {ByteText.Of(MostBytes)}."
                    );
            },
            cancellation
        );
    }

    /// <summary>The bytes of a file, from one of them on or from its start, as the answer says. One attempt.</summary>
    public Task<HubAnswer> OpenAsync(RemoteFile file, long from, CancellationToken cancellation) =>
        AskAsync(HttpMethod.Get, Resolve(file.Commit, file.Path), from, cancellation);

    public void Dispose() => _requests.Dispose();

    private async Task<HubAnswer> AskAsync(HttpMethod method, string path, long from, CancellationToken cancellation)
    {
        var answer = await _requests.SendAsync(method, new Uri(settings.Endpoint, path), from, cancellation);
        // What a HEAD was led to is another host's; the hub's own answer, which led there, is what it asks for.
        if (answer.Response.IsSuccessStatusCode || (method == HttpMethod.Head && (int)answer.Response.StatusCode is >= 300 and < 400)
            || (int)answer.Response.StatusCode == 416)
            return answer;
        using (answer) throw HubRefusal.Of(answer, reference, settings);
    }

    private Task<T> PersistAsync<T>(Func<Task<T>> attempt, CancellationToken cancellation) =>
        _requests.PersistAsync(attempt, () => false, cancellation);

    private string Resolve(string commit, string path) => $"{reference.Repository}/resolve/{commit}/{Uri.EscapeDataString(path)}";

    private async Task<byte[]> ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        try
        {
            await response.Content.LoadIntoBufferAsync(MostListingBytes, cancellation);
            return await response.Content.ReadAsByteArrayAsync(cancellation);
        }
        catch (HttpRequestException tooMuch) when (tooMuch.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            throw NoHub($"an answer of more than {ByteText.Of(MostListingBytes)}", tooMuch);
        }
    }

    private HubAccessException NoHub(string came, Exception? inner = null) => new(
        $"{settings.Endpoint.Authority} does not answer as the Hugging Face Hub does: it sends {came}. Check HF_ENDPOINT, and whether a "
            + "proxy or a login page answers in its place.",
        inner
    );
}
