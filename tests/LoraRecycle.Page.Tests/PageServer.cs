using LoraRecycle.EndToEnd;
using Xunit.Sdk;
using Xunit.v3;

[assembly: AssemblyFixture(typeof(LoraRecycle.Page.Tests.PageServer))]
[assembly: Parallelization(Mode = ParallelMode.None)] // one browser, one server, and few processors

namespace LoraRecycle.Page.Tests;

/// <summary>The real program with the shipped model, on a data directory of its own; what it stores is seen by all tests.</summary>
public sealed class PageServer : IAsyncLifetime
{
    private readonly string _data = Directory.CreateTempSubdirectory("lora-recycle-page-").FullName;
    private ServedProcess? _process;

    public string Address => _process!.Address;

    public async ValueTask InitializeAsync() => _process = await StartAsync(_data);

    /// <summary>Another one, for tests that do with it what others must not see.</summary>
    public static Task<ServedProcess> StartAsync(string data, params string[] settings) => ServedProcess.StartAsync([
        $"--Storage:Directory={data}", "--Serving:Device=cpu", "--Serving:Threads=1", "--Jobs:Devices:0=cpu", "--Jobs:Threads=1",
        "--Jobs:Prior=none", "--Jobs:DeviceShare=1", "--Health:Deadline=00:01:00", .. settings]);

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }
}
