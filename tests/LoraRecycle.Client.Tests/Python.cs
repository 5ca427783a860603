using LoraRecycle.EndToEnd;
using LoraRecycle.Tests;

namespace LoraRecycle.Client.Tests;

/// <summary>Python with the client that is in <c>clients/python</c>, without installing it.</summary>
internal static class Python
{
    /// <summary>Every python3 of the PATH, as it is looked for there.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        .. (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, "python3"))
            .Where(File.Exists),
    ];

    /// <summary>Skips the test where there is none, and says so.</summary>
    public static void Require() =>
        Assert.SkipWhen(All.Count == 0, "There is no python3 on the PATH; install it to test the client for Python.");

    /// <summary>Runs it with variables of the environment, and tells what it printed. Without Python the test is skipped, and says so.
    /// </summary>
    /// <param name="environment"><c>NAME=value</c>.</param>
    /// <param name="arguments">What it is to run.</param>
    /// <param name="folder">Where; the checkout's root by default.</param>
    public static async Task<string> RunAsync(string[] environment, string[] arguments, string? folder = null)
    {
        Require();
        var (code, output, error) = await CommandLineProcess.RunAsync(
            "env",
            [
                $"--chdir={folder ?? Repository.Root}",
                $"PYTHONPATH={Repository.PathOf("clients", "python", "src")}",
                "PYTHONDONTWRITEBYTECODE=1",
                .. environment,
                All[0],
                .. arguments,
            ]
        );
        Assert.True(code == 0, $"python3 {string.Join(' ', arguments)} ended with {code}:\n{output}\n{error}");
        return output + error;
    }
}
