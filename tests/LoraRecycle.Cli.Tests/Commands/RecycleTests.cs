using System.Text.Json.Nodes;
using LoraRecycle.Cli.Hosting;
using LoraRecycle.Core.Method.Inversion.Pools;
using LoraRecycle.Tests;

namespace LoraRecycle.Cli.Tests.Commands;

public sealed class RecycleTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_mixed_market_becomes_one_meta_lora_with_the_record_of_both_stages()
    {
        MixedMarket();
        var run = (await Recycle("meta", "--devices", "cpu,cpu", "--seed", "5", "--distill-mask", "0.5", "--json")).AssertDone();

        var report = JsonNode.Parse(run.Output)!;
        Assert.Equal(run.Output.Trim(), File.ReadAllText(_folder["meta/run.json"]).Trim());
        Assert.Equal(["biased", "other-layers", "small"], report["loras"]!.AsArray().Select(lora => (string)lora!["name"]!));
        Assert.Equal([3, 4, 2], report["loras"]!.AsArray().Select(lora => lora!["classes"]!.AsArray().Count));
        Assert.Equal(
            (5, 5, 3),
            (
                (int)report["inversion"]!["settings"]!["seed"]!,
                (int)report["distillation"]!["settings"]!["seed"]!,
                (int)report["inversion"]!["settings"]!["iterations"]!
            )
        );
        Assert.Equal(64, ((string)report["marketRevision"]!).Length);
        foreach (var known in new[] { "version", "library", "started", "precision", "model" })
            Assert.NotEqual("", report[known]!.ToString());
        Assert.True(SyntheticPoolDirectory.IsPool(_folder["meta.pools/biased"]));
        (
            await CommandRun.OfTiny(
                "embed",
                Repository.PathOf("samples", "cup", "image_0046.jpg"),
                "--adapter",
                _folder["meta"],
                "--device",
                "cpu",
                "--json"
            )
        ).AssertDone();
    }

    [Fact]
    public async Task What_is_finished_is_not_made_again_and_gives_the_same_meta_lora()
    {
        new TestLora { Seed = 1 }.Write(_folder["market/first"]);
        new TestLora { Seed = 2 }.Write(_folder["market/second"]);
        (await Recycle("one", "--pools", _folder["pools"])).AssertDone();
        var written = File.GetLastWriteTimeUtc(_folder["pools/first/images.safetensors"]);
        (await Recycle("two", "--pools", _folder["pools"])).AssertDone();
        Assert.Equal(written, File.GetLastWriteTimeUtc(_folder["pools/first/images.safetensors"]));
        Assert.Equal(
            File.ReadAllBytes(_folder["one/adapter_model.safetensors"]),
            File.ReadAllBytes(_folder["two/adapter_model.safetensors"])
        );
    }

    [Fact]
    public async Task A_lora_that_diverges_is_left_out_with_its_reason()
    {
        new TestLora { Seed = 1 }.Write(_folder["market/good"]);
        new TestLora { Seed = 2, HeadScale = 1e30 }.Write(_folder["market/wild"]);
        var run = (await Recycle("meta")).AssertDone();
        Assert.Contains("1 LoRAs recycled into one", run.Output, StringComparison.Ordinal);
        Assert.Contains("wild was left out: its loss or gradient was not finite", run.Output, StringComparison.Ordinal);
        (await Recycle("none", "--lora", "wild")).AssertRefused(ExitCode.BadInput, "No LoRA could be inverted. wild");
        Assert.False(Directory.Exists(_folder["none"]));
    }

    [Fact]
    public async Task Only_the_loras_that_are_named_are_recycled()
    {
        MixedMarket();
        var report = JsonNode.Parse((await Recycle("meta", "--lora", "small", "biased", "--json")).AssertDone().Output)!;
        Assert.Equal(["biased", "small"], report["loras"]!.AsArray().Select(lora => (string)lora!["name"]!));
        (await Recycle("other", "--lora", "large")).AssertRefused(ExitCode.BadInput, "No LoRA 'large'");
    }

    public static TheoryData<string, string[]> BadLines => new()
    {
        { "config.json", ["--model", Repository.PathOf("samples")] },
        { "README.md", ["--invert-prior", Repository.PathOf("README.md")] },
        { "conv1.weight", ["--invert-prior", TinyModel.Directory] },
        { "canvas of 0, or of 32 to 256", ["--invert-canvas", "16"] },
        { "layers 0 to", ["--invert-pruning", "99:.5"] },
        { "at least 2 images per class", ["--invert-images", "1"] },
        { "Rank", ["--distill-rank", "0"] },
        { "--together", ["--together", "0"] },
        { "--distill-mask", ["--distill-mask", "half"] },
        { "No market", ["--market", "absent"] },
        { "is empty", ["--market", Repository.PathOf("samples")] },
        { "is a file", ["--out", Repository.PathOf("README.md")] },
        { "contains no adapter", ["--out", Repository.PathOf("samples")] },
        { "is a file", ["--pools", Repository.PathOf("README.md")] },
        { "--devices tpu: expected auto, cpu, cuda or cuda:N", ["--devices", "cpu,tpu"] },
        { "named twice", ["--lora", "good", "good"] },
    };

    [Theory]
    [MemberData(nameof(BadLines))]
    public async Task What_cannot_be_done_is_refused_before_any_work(string because, string[] option)
    {
        new TestLora().Write(_folder["market/good"]);
        string[] line = ["recycle", .. option];
        if (!option.Contains("--devices")) line = [.. line, "--device", "cpu"];
        if (!option.Contains("--model")) line = [.. line, "--model", TinyModel.Directory];
        if (!option.Contains("--market")) line = [.. line, "--market", _folder["market"]];
        if (!option.Contains("--out")) line = [.. line, "--out", _folder["meta"]];
        (await CommandRun.Of(line)).AssertRefused(ExitCode.BadInput, because);
        AssertNothingWasMade();
    }

    [Fact]
    public async Task A_head_of_another_width_is_refused() => await Refused(new TestLora { Width = 10 }, "bad classifies vectors of 10");

    [Fact]
    public async Task A_lora_of_one_class_is_refused() => await Refused(new TestLora { Classes = 1 }, "bad has 1 class");

    [Fact]
    public async Task Weights_that_are_not_finite_are_refused() => await Refused(new TestLora { Scale = double.NaN }, "NaN or infinite");

    [Fact]
    public async Task A_lora_for_another_model_is_refused() => await Refused(new TestLora { Inputs = 10 }, "LoRA 'bad'");

    private async Task Refused(TestLora bad, string because)
    {
        new TestLora().Write(_folder["market/good"]);
        bad.Write(_folder["market/bad"]);
        (await Recycle("meta")).AssertRefused(ExitCode.BadInput, because);
        AssertNothingWasMade();
    }

    private void AssertNothingWasMade() => Assert.Equal([_folder["market"]], Directory.GetFileSystemEntries(_folder.Path));

    private void MixedMarket()
    {
        new TestLora { Seed = 1 }.Write(_folder["market/small"]);
        new TestLora { Seed = 2, Rank = 4, Layers = 3, Classes = 3, HasBias = true }.Write(_folder["market/biased"]);
        new TestLora { Seed = 3, Layers = 7, Classes = 4 }.Write(_folder["market/other-layers"]);
    }

    private Task<CommandRun> Recycle(string output, params string[] more) =>
        CommandRun.OfTiny([
            "recycle",
            "--market",
            _folder["market"],
            "--out",
            _folder[output],
            "--invert-iterations",
            "3",
            "--invert-images",
            "2",
            "--invert-prior",
            "none",
            "--distill-iterations",
            "2",
            "--distill-episodes",
            "2",
            "--distill-shots",
            "1",
            "--distill-queries",
            "1",
            .. more.Contains("--devices") ? [] : new[] { "--device", "cpu" },
            .. more,
        ]);
}
