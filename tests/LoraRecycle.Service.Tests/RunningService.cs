using LoraRecycle.Service.Host;
using LoraRecycle.Tests;
using Microsoft.AspNetCore.Builder;
using Xunit.Sdk;
using Xunit.v3;

[assembly: AssemblyFixture(typeof(LoraRecycle.Service.Tests.RunningService))]
[assembly: Parallelization(Mode = ParallelMode.None)] // some tests measure the memory of the process

namespace LoraRecycle.Service.Tests;

/// <summary>The service as users run it, on a free port of the loopback device: the one that is shared with the shipped model, others with
/// the tiny one.</summary>
public sealed class RunningService : IAsyncLifetime
{
    private static readonly string DataDirectories = Path.Combine(Path.GetTempPath(), $"lora-recycle-data-{Guid.NewGuid():N}");

    /// <summary>A data directory that is not there yet, another one each time: what one server keeps must not be found by the
    /// next.</summary>
    public static string NewDataDirectory => Path.Combine(DataDirectories, Guid.NewGuid().ToString("N"));

    /// <summary>Settings for the model that is shipped, and its market, where it matters what the model knows.</summary>
    public static string[] Shipped { get; } = ["--Models:Directory", Repository.PathOf("models"), "--Models:Default", "vit-s-12-96"];

    private WebApplication? _app;

    public HttpClient Client { get; } = new() { Timeout = TimeSpan.FromSeconds(60) };

    public IServiceProvider Services => _app!.Services;

    public Uri Address => Client.BaseAddress!;

    public async ValueTask InitializeAsync()
    {
        _app = await StartAsync(Shipped);
        Client.BaseAddress = new Uri(_app.Urls.Single());
    }

    /// <summary>Starts another one, with the tiny model unless its settings are <see cref="Shipped"/>, and with settings of its
    /// own.</summary>
    public static async Task<WebApplication> StartAsync(params string[] settings)
    {
        var app = ServiceHost.Build([
            "--urls",
            "http://127.0.0.1:0",
            "--Models:Directory",
            TinyModel.Models,
            "--Models:Default",
            TinyModel.Name,
            "--Models:MetaLora",
            "none",
            "--Storage:Directory",
            NewDataDirectory,
            "--Serilog:MinimumLevel:Default",
            "Fatal",
            .. settings,
        ]);
        await app.StartAsync();
        return app;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (_app is not null)
            await _app.DisposeAsync();
        if (Directory.Exists(DataDirectories))
            Directory.Delete(DataDirectories, recursive: true);
    }
}
