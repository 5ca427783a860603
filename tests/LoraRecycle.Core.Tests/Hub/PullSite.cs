using System.Text;
using LoraRecycle.Core.Foundation;
using LoraRecycle.Core.Hub;
using LoraRecycle.Core.Hub.Pulling;
using LoraRecycle.Core.Tests.Safetensors;
using LoraRecycle.Tests;

namespace LoraRecycle.Core.Tests.Hub;

/// <summary>A hub and an empty cache, for one test.</summary>
internal sealed class PullSite : IAsyncDisposable
{
    public const string Name = "maker/seer";

    private readonly ScratchFolder _folder = new();

    private PullSite(TestHub hub) => (Hub, Root) = (hub, _folder.PathOf("cache"));

    public TestHub Hub { get; }

    /// <summary>Where the cache is.</summary>
    public string Root { get; set; }

    public string? Token { get; set; }

    public bool Links { get; set; } = true;

    public bool IsOffline { get; set; }

    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>What the last pull reported.</summary>
    public List<PullProgress> Progress { get; } = [];

    public HubCache Cache => new(Root, Links);

    /// <summary>The repository's folder in the cache.</summary>
    public string Folder => Path.Combine(Root, "models--maker--seer");

    public static async Task<PullSite> MakeAsync() => new(await TestHub.StartAsync());

    /// <summary>Puts what looks like a model on the hub.</summary>
    public TestRepository AddModel(int bytes = 1_000_000) =>
        Hub.Add(
            Name,
            ("config.json", Encoding.UTF8.GetBytes("""{"model_type": "vit"}""")),
            ("preprocessor_config.json", Encoding.UTF8.GetBytes("""{"do_resize": true}""")),
            ("model.safetensors", Random(bytes)),
            ("README.md", "Not needed."u8.ToArray()),
            ("pytorch_model.bin", "A pickle."u8.ToArray())
        );

    public Task<PulledRepository> PullAsync(string name = Name, bool asAdapter = false, CancellationToken? cancellation = null)
    {
        Progress.Clear();
        var settings = new HubSettings
        {
            Endpoint = new Uri(Hub.Endpoint + "/"),
            Token = Token,
            Cache = Cache,
            IsOffline = IsOffline,
            Timeout = Timeout,
            Pause = TimeSpan.FromMilliseconds(10),
        };
        return new HubPull(settings, TimeProvider.System).RunAsync(
            HubReference.TryParse(name)!,
            asAdapter,
            new InlineProgress<PullProgress>(Progress.Add),
            cancellation ?? TestContext.Current.CancellationToken
        );
    }

    /// <summary>The message of a pull that finds nothing to use.</summary>
    public async Task<string> MissedAsync(string name = Name, bool asAdapter = false) =>
        (await Assert.ThrowsAsync<HubContentException>(() => PullAsync(name, asAdapter))).Message;

    /// <summary>The message of a pull that this machine is in no state for.</summary>
    public async Task<string> FailedAsync(string name = Name) =>
        (await Assert.ThrowsAsync<HubAccessException>(() => PullAsync(name))).Message;

    /// <summary>Names below the repository's folder, without those of locks.</summary>
    public IEnumerable<string> Names(string folder) =>
        Directory.Exists(Path.Combine(Folder, folder))
            ? Directory.EnumerateFileSystemEntries(Path.Combine(Folder, folder))
                .Select(path => Path.GetFileName(path))
                .Order(StringComparer.Ordinal)
            : [];

    public static byte[] Random(int bytes, int seed = 1)
    {
        var content = new byte[bytes];
        new Random(seed).NextBytes(content);
        return content;
    }

    public async ValueTask DisposeAsync()
    {
        await Hub.DisposeAsync();
        _folder.Dispose();
    }
}
