using LoraRecycle.EndToEnd;

namespace LoraRecycle.Page.Tests;

/// <summary>The real program with the shipped model and no LoRAs. Whoever uploads one deletes it again.</summary>
public sealed class EmptyMarketServer : IAsyncLifetime
{
    private readonly string _data = Directory.CreateTempSubdirectory("lora-recycle-page-").FullName;
    private ServedProcess? _process;

    public string Address => _process!.Address;

    public async ValueTask InitializeAsync() => _process = await PageServer.StartAsync(_data, "--Loras:Market=none");

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }
}
