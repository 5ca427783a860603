using LoraRecycle.EndToEnd;
using LoraRecycle.Tests;

namespace LoraRecycle.Client.Tests;

/// <summary>Python with the client that is in <c>clients/python</c>, without installing it.</summary>
internal static class Python
{
    private static readonly string? Found = (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, "python3"))
        .FirstOrDefault(File.Exists);

    /// <summary>Runs it with variables of the environment, and tells what it printed. Without Python the test is skipped, and says so.
    /// </summary>
    public static async Task<string> RunAsync(string[] environment, string[] arguments)
    {
        Assert.SkipWhen(Found is null, "There is no python3 on the PATH; install it to test the client for Python.");
        var (code, output, error) = await CommandLineProcess.RunAsync(
            "env",
            [
                $"PYTHONPATH={Repository.PathOf("clients", "python", "src")}",
                "PYTHONDONTWRITEBYTECODE=1",
                .. environment,
                Found!,
                .. arguments,
            ]
        );
        Assert.True(code == 0, $"python3 {string.Join(' ', arguments)} ended with {code}:\n{output}\n{error}");
        return output + error;
    }
}
