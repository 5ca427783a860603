using System.Text.Json.Nodes;
using LoraRecycle.Cli.Hosting;
using LoraRecycle.Core.Safetensors;
using LoraRecycle.Tests;

namespace LoraRecycle.Cli.Tests.Commands;

public sealed class VerifyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("clip")]
    [InlineData("vit")]
    [InlineData("dinov2")]
    [InlineData("siglip")]
    public async Task Models_compute_what_transformers_computed(string family)
    {
        var model = Repository.PathOf("tests", "golden", family, "model");
        (await CommandRun.Of("verify", "--model", model, "--expected", Path.Combine(model, "expected.safetensors"))).AssertDone();
    }

    [Theory]
    [InlineData("clip", "lora_qv")]
    [InlineData("clip", "rslora_all")]
    [InlineData("clip", "dora_all")]
    [InlineData("clip", "lora_rank_pattern")]
    [InlineData("clip", "lora_bias")]
    [InlineData("clip", "paper_format")]
    [InlineData("dinov2", "lora_qv")]
    [InlineData("clip", "vera")]
    [InlineData("clip", "randlora")]
    [InlineData("clip", "loha")]
    [InlineData("clip", "lokr")]
    [InlineData("clip", "ia3")]
    [InlineData("clip", "oft")]
    [InlineData("clip", "boft")]
    [InlineData("clip", "hra")]
    [InlineData("clip", "fourierft")]
    [InlineData("clip", "vblora")]
    [InlineData("clip", "kasa")]
    [InlineData("clip", "bdlora")]
    [InlineData("clip", "lora_bias_b")]
    [InlineData("clip", "boft_bias")]
    [InlineData("clip", "olora_converted")]
    [InlineData("clip", "lora_head")]
    [InlineData("vit", "lora_head")]
    public async Task Adapters_compute_what_peft_computed_as_a_side_branch_and_merged(string family, string adapter)
    {
        var folder = Repository.PathOf("tests", "golden", family, "adapters", adapter);
        var run = (await CommandRun.Of(
            "verify", "--model", Repository.PathOf("tests", "golden", family, "model"), "--adapter", folder,
            "--expected", Path.Combine(folder, "expected.safetensors"), "--json")).AssertDone();
        var ways = JsonNode.Parse(run.Output)!.AsArray().Select(row => (string)row!["way"]!).Distinct().ToArray();
        Assert.Contains("side branch", ways);
        Assert.Contains("merged", ways);
    }

    [Fact]
    public async Task Logits_are_those_of_the_adapters_own_head()
    {
        var (model, folder) = (
            Repository.PathOf("tests", "golden", "vit", "model"),
            Repository.PathOf("tests", "golden", "vit", "adapters", "lora_head")
        );
        var expected = Path.Combine(folder, "expected.safetensors");
        var rows = JsonNode
            .Parse(
                (await CommandRun.Of("verify", "--model", model, "--adapter", folder, "--expected", expected, "--json")).AssertDone().Output
            )!
            .AsArray();
        Assert.Equal(["side branch logits", "merged logits", "as served logits"], rows.Select(row => $"{row!["way"]} {row["output"]}"));
        (await CommandRun.Of("verify", "--model", model, "--expected", expected)).AssertRefused(
            ExitCode.BadInput,
            "does not produce without an adapter with a head"
        );
    }

    [Fact]
    public async Task An_output_that_is_off_by_a_thousandth_fails_with_exit_code_1()
    {
        var model = Repository.PathOf("tests", "golden", "clip", "model");
        using (var file = SafetensorsFile.Open(Path.Combine(model, "expected.safetensors")))
        {
            using var pixels = file.Read("pixel_values");
            using var embeds = file.Read("image_embeds");
            using var off = embeds * 1.001f;
            SafetensorsWriter.Write(_folder["off.safetensors"], [("pixel_values", pixels), ("image_embeds", off)]);
        }
        var run = await CommandRun.Of("verify", "--model", model, "--expected", _folder["off.safetensors"]);
        Assert.Equal(ExitCode.Negative, run.ExitCode);
        Assert.Contains("TOO LARGE", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_without_anything_to_compare_is_refused() =>
        (await CommandRun.Of("verify", "--expected", Repository.PathOf("models", "vit-s-12-96", "model.safetensors")))
            .AssertRefused(ExitCode.BadInput, "must have pixel_values");
}
