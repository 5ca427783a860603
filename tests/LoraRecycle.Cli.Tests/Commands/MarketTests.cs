using System.Text.Json.Nodes;
using LoraRecycle.Cli.Hosting;

namespace LoraRecycle.Cli.Tests.Commands;

public sealed class MarketTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _data;

    public MarketTests()
    {
        _data = SampleArchive.Create(_folder["photographs.zip"], classes: 4, images: 5);
        File.WriteAllText(
            _folder["splits.json"],
            """{"photographs": {"train": ["airplanes", "barrel", "chair"], "test": ["Motorbikes"]}}"""
        );
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_market_is_built_of_training_classes_listed_checked_and_gone_on_with()
    {
        var built = JsonNode.Parse((await Build("2")).AssertDone().Output)!;
        var longer = JsonNode.Parse((await Build("3")).AssertDone().Output)!;
        var listed = JsonNode.Parse((await CommandRun.Of("market", "list", _folder["market"], "--json")).AssertDone().Output)!.AsArray();
        var found = JsonNode
            .Parse(
                (await CommandRun.OfTiny("market", "check", _folder["market"], "--data", _data, "--device", "cpu", "--json"))
                    .AssertDone()
                    .Output
            )!
            .AsArray();

        Assert.Equal((2, 2, 1), (built["built"]!.AsArray().Count, longer["skipped"]!.AsArray().Count, longer["built"]!.AsArray().Count));
        Assert.Equal(["photographs-000", "photographs-001", "photographs-002"], listed.Select(lora => (string)lora!["name"]!));
        Assert.DoesNotContain("Motorbikes", listed.SelectMany(lora => lora!["classes"]!.AsArray().Select(name => (string)name!)));
        Assert.Equal(listed.Select(lora => (double)lora!["heldOutAccuracy"]!), found.Select(lora => (double)lora!["accuracy"]!));
    }

    [Fact]
    public async Task A_damaged_lora_makes_the_check_say_no()
    {
        (await Build("1")).AssertDone();
        File.WriteAllText(Path.Combine(_folder["market"], "photographs-000", "head.safetensors"), "damaged");

        var run = await CommandRun.OfTiny("market", "check", _folder["market"], "--device", "cpu");

        Assert.Equal(ExitCode.Negative, run.ExitCode);
        Assert.Contains("head.safetensors", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_folder_is_no_market() =>
        (await CommandRun.Of("market", "list", _folder.Path)).AssertRefused(ExitCode.BadInput, "No market");

    [Fact]
    public async Task More_ways_than_classes_are_refused() =>
        (await Build("1", "--ways", "4")).AssertRefused(ExitCode.BadInput, "2 to 3 ways");

    private Task<CommandRun> Build(string loras, params string[] more) =>
        CommandRun.OfTiny([
            "market",
            "build",
            "--data",
            _data,
            "--split",
            _folder["splits.json"],
            "--out",
            _folder["market"],
            "--loras",
            loras,
            "--ranks",
            "2,4",
            "--steps",
            "2",
            "--batch",
            "4",
            "--device",
            "cpu",
            "--json",
            .. more.Contains("--ways") ? [] : new[] { "--ways", "2" },
            .. more,
        ]);
}
