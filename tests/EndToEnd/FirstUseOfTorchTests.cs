using LoraRecycle.Tests;

namespace LoraRecycle.EndToEnd;

/// <summary>
/// Verbs load libtorch themselves, whatever of it they touch first. Tests within a process cannot see that: there it is loaded already.
/// </summary>
public sealed class FirstUseOfTorchTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("first-use-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Comparing_methods_finds_libtorch()
    {
        var (code, _, error) = await RunAsync(
            "eval",
            "--data",
            Repository.PathOf("samples"),
            "--methods",
            "nn",
            "--ways",
            "2",
            "--shots",
            "1",
            "--queries",
            "2",
            "--episodes",
            "2",
            "--json"
        );
        Assert.Equal((0, ""), (code, error));
    }

    [Fact]
    public async Task Asking_for_all_cuda_devices_finds_libtorch_and_no_device()
    {
        var (code, _, error) = await RunAsync(
            "invert",
            "--lora",
            Repository.PathOf("tests", "golden", "clip", "adapters", "lora_qv"),
            "--out",
            Path.Combine(_folder.FullName, "pools"),
            "--devices",
            "all"
        );
        Assert.Equal(2, code);
        Assert.Contains("no such device on this machine", error, StringComparison.Ordinal);
    }

    private static Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments) =>
        CommandLineProcess.RunAsync(CommandLineProcess.Program, arguments);
}
