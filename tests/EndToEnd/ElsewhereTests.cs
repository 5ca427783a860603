using System.Text.Json.Nodes;
using LoraRecycle.Tests;

namespace LoraRecycle.EndToEnd;

/// <summary>The program without <c>./run</c>, which tells it where the checkout is, and from other folders than the checkout.</summary>
public sealed class ElsewhereTests : IDisposable
{
    private const string Project = "src/LoraRecycle.Cli";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lora-recycle-elsewhere-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Dotnet_run_finds_what_ships_from_the_checkout_and_from_elsewhere(bool elsewhere)
    {
        var (code, output, error) = await RunAsync(
            elsewhere ? _folder.FullName : Repository.Root,
            [
                "dotnet",
                "run",
                "--no-build",
                "--configuration",
                Configuration,
                "--project",
                Path.Combine(elsewhere ? Repository.Root : "", Project),
                "--",
                "classify",
                Repository.PathOf("samples"),
                Repository.PathOf("samples", "cup", "image_0047.jpg"),
                "--json",
            ]
        );

        Assert.True(code == 0, error);
        Assert.Contains("\"cup\"", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_demo_serves_the_shipped_model_from_a_folder_that_has_other_models()
    {
        _folder.CreateSubdirectory("models").CreateSubdirectory("of-somebody-else");
        _folder.CreateSubdirectory("data");

        var (code, output, error) = await RunAsync(_folder.FullName, [CommandLineProcess.Program, "demo", "--json"]);

        Assert.True(code == 0, error);
        var demo = JsonNode.Parse(output)!;
        Assert.Equal(("vit-s-12-96", "default"), ((string)demo["model"]!, (string)demo["metaLora"]!["metaLora"]!));
    }

    private static string Configuration => Path.GetFileName(Path.GetDirectoryName(Path.GetDirectoryName(CommandLineProcess.Program)))!;

    private static Task<(int ExitCode, string Output, string Error)> RunAsync(string folder, string[] command) =>
        CommandLineProcess.RunAsync("env", ["-u", "LORA_RECYCLE_ROOT", "-C", folder, .. command]);
}
