using LoraRecycle.EndToEnd;
using LoraRecycle.Tests;
using Xunit.Sdk;
using Xunit.v3;

[assembly: AssemblyFixture(typeof(LoraRecycle.Page.Tests.PageServer))]
// One browser and one server, and few processors; yet a test waits for one of them most of the time.
[assembly: Parallelization(Mode = ParallelMode.Collections, MaxThreads = 3)]

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

    /// <summary>The same with a tiny model and nothing else, which starts in half the time: where it does not matter what is answered.
    /// </summary>
    public static Task<ServedProcess> StartTinyAsync(string data, params string[] settings) => StartAsync(data, [
        $"--Models:Directory={TinyModel.Models}", $"--Models:Default={TinyModel.Name}", "--Models:MetaLora=none", "--Loras:Market=none",
        .. settings]);

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }
}
