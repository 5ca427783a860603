using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace LoraRecycle.Tests;

/// <summary>
/// A hub of a test's own, over real HTTP, with the protocol of the Hugging Face Hub: its API of models, relative redirects for small
/// files, and redirects of large ones to another host, which is the same process under another name and port.
/// </summary>
internal sealed class TestHub : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, TestRepository> _repositories = new(StringComparer.Ordinal);
    private int _hubPort, _storePort;

    private TestHub(WebApplication app) => _app = app;

    /// <summary>As <c>HF_ENDPOINT</c> names it.</summary>
    public string Endpoint => $"http://127.0.0.1:{_hubPort}";

    /// <summary>The host that keeps large files.</summary>
    public string Store => $"http://localhost:{_storePort}";

    /// <summary>Every request, in the order in which they came.</summary>
    public ConcurrentQueue<HubRequest> Requests { get; } = [];

    /// <summary>Answers in the hub's place where it returns true.</summary>
    public Func<HttpContext, Task<bool>> Instead { get; set; } = _ => Task.FromResult(false);

    /// <summary>Whether the host of large files knows of ranges.</summary>
    public bool HasRanges { get; set; } = true;

    public static async Task<TestHub> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        var hub = new TestHub(builder.Build());
        hub._app.Run(hub.AnswerAsync);
        await hub._app.StartAsync();
        int[] ports = [.. hub._app.Urls.Select(url => new Uri(url).Port)];
        (hub._hubPort, hub._storePort) = (ports[0], ports[1]);
        return hub;
    }

    /// <summary>Puts a repository on the hub.</summary>
    public TestRepository Add(string name, params (string Path, byte[] Content)[] files)
    {
        var repository = new TestRepository(name);
        foreach (var (path, content) in files)
            repository.Files[path] = content;
        return _repositories[name] = repository;
    }

    /// <summary>Puts a directory's files on the hub.</summary>
    public TestRepository AddDirectory(string name, string directory) =>
        Add(name, [.. Directory.GetFiles(directory).Select(file => (Path.GetFileName(file), File.ReadAllBytes(file)))]);

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        try
        {
            await _app.StopAsync(now.Token);
        }
        catch (OperationCanceledException)
        {
            // What a test left hanging was cut off.
        }
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var (request, path) = (context.Request, Uri.UnescapeDataString(context.Request.Path.Value!));
        Requests.Enqueue(new(
            request.Method, request.Host.Value!, path, request.Headers.Authorization.ToString(), request.Headers.Range.ToString()));
        if (await Instead(context)) return;
        if (context.Connection.LocalPort == _storePort) await SendAsync(context, path.TrimStart('/'));
        else if (path.StartsWith("/api/models/", StringComparison.Ordinal)) await ListAsync(context, path.Split('/')[3..]);
        else if (path.StartsWith("/api/resolve-cache/", StringComparison.Ordinal)) await SmallAsync(context, path.Split('/')[3..]);
        else await ResolveAsync(context, path.Split('/')[1..]);
    }

    private async Task ListAsync(HttpContext context, string[] parts)
    {
        var name = $"{parts[0]}/{parts[1]}";
        if (await RefusedAsync(context, name) is not { } repository) return;
        if (repository.RenamedTo is { } renamed)
        {
            context.Response.StatusCode = 307;
            context.Response.Headers.Location = $"/api/models/{renamed}{context.Request.QueryString}";
            return;
        }
        if (parts.Length > 2 && string.Join('/', parts[3..]) is var revision && !repository.Has(revision))
        {
            await ErrorAsync(context, 404, "RevisionNotFound", $"Invalid rev id: {revision}");
            return;
        }
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(JsonSerializer.Serialize(new
        {
            id = repository.Name,
            sha = repository.Commit,
            siblings = repository.Listed.Select(file => new
            {
                rfilename = file,
                size = repository.Files.GetValueOrDefault(file)?.Length,
                blobId = repository.Files.TryGetValue(file, out var content) ? TestRepository.GitHash(content) : null,
                lfs = content is not null && TestRepository.IsLarge(file) ? new { sha256 = TestRepository.Sha256(content) } : null,
            }),
        }));
    }

    private async Task ResolveAsync(HttpContext context, string[] parts)
    {
        // ORG/NAME/resolve/REVISION/PATH
        var file = parts[^1];
        if (await RefusedAsync(context, $"{parts[0]}/{parts[1]}") is not { } repository) return;
        if (!repository.Files.TryGetValue(file, out var content))
        {
            await ErrorAsync(context, 404, "EntryNotFound", "Entry not found");
            return;
        }
        var headers = context.Response.Headers;
        headers["X-Repo-Commit"] = repository.Commit;
        headers["X-Linked-Size"] = content.Length.ToString(CultureInfo.InvariantCulture);
        headers["X-Linked-Etag"] = $"\"{TestRepository.Tag(file, content)}\"";
        var large = TestRepository.IsLarge(file);
        context.Response.StatusCode = large ? 302 : 307;
        headers.Location = large ? $"{Store}/{repository.Name}/{file}?signature=secret-of-the-store"
            : $"/api/resolve-cache/models/{repository.Name}/{repository.Commit}/{file}?etag=x";
    }

    /// <summary>models/ORG/NAME/COMMIT/PATH.</summary>
    private Task SmallAsync(HttpContext context, string[] parts)
    {
        var repository = _repositories[$"{parts[1]}/{parts[2]}"];
        context.Response.Headers["X-Repo-Commit"] = repository.Commit;
        context.Response.Headers.ETag = $"\"{TestRepository.GitHash(repository.Files[parts[^1]])}\"";
        return SendAsync(context, $"{repository.Name}/{parts[^1]}");
    }

    private async Task SendAsync(HttpContext context, string path)
    {
        var name = path[..path.LastIndexOf('/')];
        var repository = _repositories[name];
        var (file, response) = (path[(name.Length + 1)..], context.Response);
        var content = repository.Sent.GetValueOrDefault(file) ?? repository.Files[file];
        if (response.Headers.ETag.Count == 0) response.Headers.ETag = "\"the-store-has-tags-of-its-own\"";
        var from = 0;
        if (HasRanges && context.Request.Headers.Range is [{ } range])
        {
            from = int.Parse(range["bytes=".Length..^1], CultureInfo.InvariantCulture);
            response.StatusCode = from < content.Length ? 206 : 416;
            response.Headers.ContentRange = $"bytes {from}-{content.Length - 1}/{content.Length}";
            if (from >= content.Length) return;
        }
        response.ContentLength = content.Length - from;
        if (context.Request.Method == "HEAD") return;
        await repository.Deliver(file, response, content.AsMemory(from));
    }

    private async Task<TestRepository?> RefusedAsync(HttpContext context, string name)
    {
        var authorization = context.Request.Headers.Authorization.ToString();
        if (!_repositories.TryGetValue(name, out var repository))
            await ErrorAsync(context, authorization.Length > 0 ? 404 : 401, "RepoNotFound", "Repository not found");
        else if (repository.Token is { } token && authorization != $"Bearer {token}")
            await (repository.IsGated
                ? ErrorAsync(context, authorization.Length > 0 ? 403 : 401, "GatedRepo", "Access to this model is restricted")
                : authorization.Length > 0
                    ? ErrorAsync(context, 401, null, "Invalid credentials in Authorization header")
                    : ErrorAsync(context, 401, "RepoNotFound", "Repository not found"));
        else
            return repository;
        return null;
    }

    private static Task ErrorAsync(HttpContext context, int status, string? code, string message)
    {
        context.Response.StatusCode = status;
        if (code is not null) context.Response.Headers["X-Error-Code"] = code;
        context.Response.Headers["X-Error-Message"] = message;
        return context.Response.WriteAsJsonAsync(new { error = message });
    }
}

/// <summary>What a hub was asked.</summary>
internal sealed record HubRequest(string Method, string Host, string Path, string Authorization, string Range);

/// <summary>A repository of a <see cref="TestHub"/>.</summary>
internal sealed class TestRepository(string name)
{
    public string Name { get; } = name;

    /// <summary>The commit of its main branch.</summary>
    public string Commit { get; set; } = Sha256(Encoding.UTF8.GetBytes(name))[..40];

    public Dictionary<string, byte[]> Files { get; } = new(StringComparer.Ordinal);

    /// <summary>What comes in the place of a file's content, with the hash of the file.</summary>
    public Dictionary<string, byte[]> Sent { get; } = new(StringComparer.Ordinal);

    /// <summary>Names that are listed with no file behind them.</summary>
    public List<string> AlsoListed { get; } = [];

    public IEnumerable<string> Listed => Files.Keys.Concat(AlsoListed);

    public List<string> Revisions { get; } = ["main"];

    /// <summary>Who may read it; null for everybody.</summary>
    public string? Token { get; set; }

    public bool IsGated { get; set; }

    public string? RenamedTo { get; set; }

    /// <summary>Sends a file's bytes, or those from where they were asked for on.</summary>
    public Func<string, HttpResponse, ReadOnlyMemory<byte>, Task> Deliver { get; set; } =
        async (_, response, bytes) => await response.Body.WriteAsync(bytes);

    public bool Has(string revision) => Revisions.Contains(revision) || revision == Commit;

    public static bool IsLarge(string file) => file.EndsWith(".safetensors", StringComparison.Ordinal);

    /// <summary>What the hub tags a content with, and the cache calls it.</summary>
    public static string Tag(string file, byte[] content) => IsLarge(file) ? Sha256(content) : GitHash(content);

    public static string Sha256(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    public static string GitHash(byte[] content)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        hash.AppendData(Encoding.ASCII.GetBytes($"blob {content.Length}\0"));
        hash.AppendData(content);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
