using System.Diagnostics;
using LoraRecycle.Tests;

namespace LoraRecycle.EndToEnd;

/// <summary>Processes as a user starts them, from the checkout's root.</summary>
internal static class CommandLineProcess
{
    /// <summary>The program that <c>./run</c> executes, of the configuration that these tests were built in.</summary>
    public static string Program { get; } =
        Path.Combine(
            Repository.Root,
            "src",
            "LoraRecycle.Cli",
            "bin",
            // Of tests/<project>/bin/Release/net10.0 what comes after bin.
            Path.Combine([
                .. Path.GetRelativePath(Repository.PathOf("tests"), AppContext.BaseDirectory).Split(Path.DirectorySeparatorChar)[2..],
            ]),
            "lora-recycle"
        );

    public static Process Start(string file, params string[] arguments)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        // Threads of libtorch that wait for each other would do so busily, on processors that other tests need.
        start.Environment["OMP_WAIT_POLICY"] = "passive";
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return process;
    }

    /// <summary>Runs it to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(string file, params string[] arguments)
    {
        using var process = Start(file, arguments);
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, await error);
    }
}
