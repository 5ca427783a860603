using LoraRecycle.Tests;

namespace LoraRecycle.EndToEnd;

/// <summary>What docs/tutorial.md tells its readers to type, with a tiny model in the place of the one that ships.</summary>
public sealed class TutorialTests : IDisposable
{
    private const string Run = "    ./run ";
    private const string Copy = "    cp ";

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("lora-recycle-tutorial-");

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public async Task Its_commands_lead_to_a_meta_lora_that_serves()
    {
        TinyModel.Write(Path.Combine(_root.FullName, "models", "vit-s-12-96"));
        Directory.CreateDirectory(Path.Combine(_root.FullName, "models", "meta-loras"));
        Directory.CreateSymbolicLink(Path.Combine(_root.FullName, "samples"), Repository.PathOf("samples"));
        Directory.CreateSymbolicLink(Path.Combine(_root.FullName, "models", "resnet18-96"), Repository.PathOf("models", "resnet18-96"));
        string[] commands =
        [
            .. File.ReadLines(Repository.PathOf("docs", "tutorial.md"))
                .Where(line => line.StartsWith(Run, StringComparison.Ordinal) || line.StartsWith(Copy, StringComparison.Ordinal)),
        ];
        Assert.InRange(commands.Length, 8, 20);

        foreach (var command in commands[..^1])
            await ShellAsync(command.Replace(Run, $"'{CommandLineProcess.Program}' ", StringComparison.Ordinal));

        Assert.Equal($"{Run}serve --meta-lora mine", commands[^1]);
        await using var server = await ServedProcess.StartAsync(
            "--meta-lora=mine", $"--Models:Directory={Path.Combine(_root.FullName, "models")}", "--Serving:Device=cpu");
        using var http = new HttpClient();
        var active = await http.GetStringAsync(new Uri(server.Address + "/meta-loras/active"), TestContext.Current.CancellationToken);
        Assert.Contains("\"id\":\"mine\"", active, StringComparison.Ordinal);
    }

    private async Task ShellAsync(string command)
    {
        var (code, output, error) = await CommandLineProcess.RunAsync(
            "env", "-C", _root.FullName, $"LORA_RECYCLE_ROOT={_root.FullName}", "bash", "-c", command);
        Assert.True(code == 0, $"{command}\n{output}\n{error}");
    }
}
