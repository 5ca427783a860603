using LoraRecycle.EndToEnd;

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
    public static async Task<string> RunAsync(string[] environment, string[] arguments)
    {
        // A build server that stays behind would keep what waits for this process's output waiting.
        var (code, output, error) = await CommandLineProcess.RunAsync(
            "env",
            ["MSBUILDDISABLENODEREUSE=1", "UseSharedCompilation=false", "DOTNET_CLI_TELEMETRY_OPTOUT=1", "DOTNET_NOLOGO=1",
                .. environment, "dotnet", .. arguments]
        );
        Assert.True(code == 0, $"dotnet {string.Join(' ', arguments)} ended with {code}:\n{output}\n{error}");
        return output;
    }
}
