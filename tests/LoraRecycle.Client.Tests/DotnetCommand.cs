using LoraRecycle.EndToEnd;
using LoraRecycle.Tests;

namespace LoraRecycle.Client.Tests;

/// <summary>The .NET SDK's command, one at a time, since two would build into the same folders.</summary>
[CollectionDefinition(nameof(DotnetCommand))]
public sealed class DotnetCommand
{
    /// <summary>The one that these tests were built in.</summary>
    public static string Configuration { get; } = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    /// <summary>Runs it and tells what it printed.</summary>
    public static async Task<string> RunAsync(params string[] arguments) => await RunAsync([], arguments);

    /// <summary>The same with variables of the environment, <c>NAME=value</c>.</summary>
    /// <param name="environment">The variables.</param>
    /// <param name="arguments">What it is to do.</param>
    /// <param name="folder">Where; the checkout's root by default.</param>
    public static async Task<string> RunAsync(string[] environment, string[] arguments, string? folder = null)
    {
        using var turn = await TurnAsync();
        // A build server that stays behind would keep what waits for this process's output waiting.
        var (code, output, error) = await CommandLineProcess.RunAsync(
            "env",
            [$"--chdir={folder ?? Repository.Root}",
                "MSBUILDDISABLENODEREUSE=1", "UseSharedCompilation=false", "DOTNET_CLI_TELEMETRY_OPTOUT=1", "DOTNET_NOLOGO=1",
                .. environment, "dotnet", .. arguments]
        );
        Assert.True(code == 0, $"dotnet {string.Join(' ', arguments)} ended with {code}:\n{output}\n{error}");
        return output;
    }

    /// <summary>Waits for the tests of another project, which run at the same time, in another process.</summary>
    private static async Task<FileStream> TurnAsync()
    {
        var file = Path.Combine(Path.GetTempPath(), "lora-recycle-tests-dotnet.lock");
        while (true)
            try
            {
                return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                await Task.Delay(100, TestContext.Current.CancellationToken);
            }
    }
}
