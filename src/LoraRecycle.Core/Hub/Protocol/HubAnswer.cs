using System.Globalization;

namespace LoraRecycle.Core.Hub.Protocol;

/// <summary>The last answer of a request that may have been led on, and what the hub's answers on the way say of the file.</summary>
internal sealed record HubAnswer : IDisposable
{
    private HttpResponseMessage? _response;

    public HttpResponseMessage Response => _response!;

    /// <summary>Where it came from in the end.</summary>
    public Uri Address { get; private init; } = new("about:blank");

    /// <summary>Whether that is the hub itself, and not a host that keeps its large files.</summary>
    public bool IsOfHub { get; private init; }

    /// <summary>The commit (<c>X-Repo-Commit</c>).</summary>
    public string? Commit { get; private init; }

    /// <summary>The tag of the content: <c>X-Linked-Etag</c> where the file is kept elsewhere, else <c>ETag</c>.</summary>
    public string? Tag => LinkedTag ?? OwnTag;

    /// <summary>The bytes of the content.</summary>
    public long? Size => LinkedSize ?? OwnSize;

    private string? LinkedTag { get; init; }

    private string? OwnTag { get; init; }

    private long? LinkedSize { get; init; }

    private long? OwnSize { get; init; }

    /// <summary>This answer after another one; of other hosts' answers nothing is remembered.</summary>
    public HubAnswer With(HttpResponseMessage response, Uri address, bool isOfHub) =>
        (isOfHub ? Told(response) : this) with { _response = response, Address = address, IsOfHub = isOfHub };

    /// <summary>A header that .NET has no name for.</summary>
    public static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;

    public void Dispose() => _response?.Dispose();

    private HubAnswer Told(HttpResponseMessage response) => this with
    {
        Commit = Header(response, "X-Repo-Commit") ?? Commit,
        LinkedTag = Bare(Header(response, "X-Linked-Etag")) ?? LinkedTag,
        LinkedSize = long.TryParse(Header(response, "X-Linked-Size"), CultureInfo.InvariantCulture, out var size) ? size : LinkedSize,
        OwnTag = Bare(Header(response, "ETag")),
        OwnSize = response.IsSuccessStatusCode ? response.Content.Headers.ContentLength : null,
    };

    private static string? Bare(string? tag) => tag?.TrimStart('W', '/').Trim('"');
}
