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
    public async Task Tuners_are_compared_on_the_same_tasks_in_a_table_and_a_picture()
    {
        var run = (await Compare("--methods", "allora,comp-lora", "--markdown", _folder["t.md"], "--svg", _folder["t.svg"], "--json"))
            .AssertDone();

        var rows = JsonNode.Parse(run.Output)!["rows"]!.AsArray();
        Assert.Equal(["lora", "allora", "comp-lora"], rows.Select(row => (string)row!["method"]!));
        Assert.All(rows, row => Assert.Equal(2, row!["curve"]!.AsArray().Count));
        Assert.Contains("Comp-LoRA (arXiv 2501.15040)", File.ReadAllText(_folder["t.md"]), StringComparison.Ordinal);
        Assert.StartsWith("<svg", File.ReadAllText(_folder["t.svg"]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a method among lora, lora-ga", "--methods", "lora-best")]
    [InlineData("expected learning rates such as", "--rates", "1e-3,fast")]
    [InlineData("--tasks: expected at least 1", "--tasks", "0")]
    [InlineData("--shots: expected at least 1", "--shots", "0")]
    [InlineData("Expected 2 to 4 ways", "--ways", "9")]
    public async Task A_comparison_that_cannot_be_is_refused(string because, params string[] more) =>
        (await Compare(more)).AssertRefused(ExitCode.BadInput, because);

    private Task<CommandRun> Compare(params string[] more) => CommandRun.OfTiny(
        ["market", "compare", "--data", _data, "--steps", "2", "--batch", "4", "--rank", "2", "--episodes", "0", "--device", "cpu",
            .. more.Contains("--ways") ? [] : new[] { "--ways", "2" }, .. more.Contains("--tasks") ? [] : new[] { "--tasks", "1" },
            .. more]);

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
