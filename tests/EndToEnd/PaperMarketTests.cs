using System.Text.Json.Nodes;
using LoraRecycle.Tests;

namespace LoraRecycle.EndToEnd;

/// <summary>One market of adapters of the papers' families, recycled together on the tiny model.</summary>
public sealed class PaperMarketTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lora-recycle-papers-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Every_family_is_inverted_by_itself_a_mixture_of_experts_too_and_all_are_distilled_into_one_meta_lora()
    {
        PaperMarket.Write(PathOf("papers"));
        var (code, _, error) = await CommandLineProcess.RunAsync(
            "env",
            [
                "DOTNET_PROCESSOR_COUNT=1",
                CommandLineProcess.Program,
                "recycle",
                "--market",
                PathOf("papers"),
                "--out",
                PathOf("meta"),
                "--invert-iterations",
                "6",
                "--invert-images",
                "2",
                "--invert-prior",
                "none",
                "--distill-iterations",
                "6",
                "--distill-episodes",
                "1",
                "--distill-shots",
                "1",
                "--distill-queries",
                "1",
                "--model",
                TinyModel.Directory,
                "--device",
                "cpu",
            ]
        );
        Assert.Equal((0, ""), (code, error));

        var run = JsonNode.Parse(await File.ReadAllTextAsync(PathOf("meta", "run.json"), TestContext.Current.CancellationToken))![
            "loras"
        ]!.AsArray();
        Assert.Equal(
            PaperMarket.Families.Order(StringComparer.Ordinal),
            run.Select(lora => (string)lora!["name"]!).Order(StringComparer.Ordinal)
        );
        Assert.All(run, lora => Assert.Null(lora!["failure"]));
        Assert.True(File.Exists(PathOf("meta", "adapter_model.safetensors")));
    }

    private string PathOf(params string[] parts) => Path.Combine([_folder.FullName, .. parts]);
}
