using LoraRecycle.EndToEnd;

namespace LoraRecycle.Client.Tests;

/// <summary>The real program with a tiny model and LoRAs of it, on which jobs take seconds.</summary>
public sealed class TinyServer : IAsyncLifetime
{
    private TinyInstallation? _installation;
    private ServedProcess? _server;

    public string Address => _server!.Address;

    /// <summary>PEFT directories that the market does not have at first.</summary>
    public IReadOnlyList<string> Uploads => _installation!.Uploads;

    public LoraRecycleClient Client() => new(Address);

    public async ValueTask InitializeAsync()
    {
        _installation = await TinyInstallation.MakeAsync();
        _server = await ServedProcess.StartAsync(_installation.SettingsWithJobs);
    }

    public async ValueTask DisposeAsync()
    {
        await _server!.DisposeAsync();
        _installation!.Dispose();
    }
}
