using LoraRecycle.EndToEnd;

namespace LoraRecycle.Page.Tests;

/// <summary>The real program with a tiny model and two LoRAs, so that a whole recycling job takes seconds; shared by the tests of a
/// class.</summary>
public sealed class TinyServer : IAsyncLifetime
{
    private TinyInstallation? _installation;
    private ServedProcess? _process;

    public string Address => _process!.Address;

    /// <summary>The LoRAs of its market, each of two classes.</summary>
    public static IReadOnlyList<string> Loras { get; } = ["samples-000", "samples-001"];

    /// <summary>The meta-LoRAs that come with it.</summary>
    public static IReadOnlyList<string> MetaLoras => TinyInstallation.MetaLoras;

    /// <summary>The one that is active at the start.</summary>
    public static string MetaLora => MetaLoras[0];

    public async ValueTask InitializeAsync()
    {
        _installation = await TinyInstallation.MakeAsync();
        _process = await ServedProcess.StartAsync(_installation.SettingsWithJobs);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        _installation?.Dispose();
    }
}
