using System.Text.Json.Nodes;
using LoraRecycle.Cli.Hosting;

namespace LoraRecycle.Cli.Tests.Commands;

public sealed class EvalComparisonTests : IDisposable
{
    private static readonly string[] Quick =
    [
        "--ways",
        "2",
        "--shots",
        "1",
        "--queries",
        "2",
        "--episodes",
        "2",
        "--device",
        "cpu",
        "--head-steps",
        "3",
        "--lora-steps",
        "1",
        "--full-steps",
        "1",
        "--slow-episodes",
        "1",
        "--mole-steps",
        "1",
        "--hub-evaluations",
        "2",
        "--real-steps",
        "1",
    ];

    private readonly TemporaryFolder _folder = new();
    private readonly string[] _data;

    public EvalComparisonTests()
    {
        var data = SampleArchive.Create(_folder["photographs.zip"], classes: 5, images: 8);
        File.WriteAllText(
            _folder["splits.json"],
            """{"photographs": {"train": ["airplanes", "barrel"], "val": [], "test": ["Motorbikes", "chair"]}}"""
        );
        _data = ["--data", data, "--split", _folder["splits.json"]];
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_method_that_needs_no_data_is_a_row_of_the_table_in_json_and_in_markdown()
    {
        await BuildMarket();
        string[] line =
        [
            "eval",
            .. _data,
            "--market",
            _folder["market"],
            "--meta-lora",
            $"first={_folder["market/photographs-000"]}",
            .. Quick,
        ];

        var report = JsonNode.Parse((await CommandRun.OfTiny([.. line, "--markdown", _folder["table.md"], "--json"])).AssertDone().Output)!;

        var methods = report["methods"]!.AsArray();
        Assert.Equal(
            ["nn", "avg-nn", "sum-nn:3/N", "sum-nn:1", "linear", "lora-linear", "full", "avg-linear", "lorahub", "mole", "meta-lora:first"],
            methods.Select(method => (string)method!["name"]!));
        Assert.All(methods, method =>
        {
            Assert.Null(method!["failure"]);
            var result = Assert.Single(method["results"]!.AsArray())!;
            Assert.InRange((double)result["accuracy"]!, 0, 1);
            Assert.Equal((string)method["name"]! == "full" ? 1 : 2, (int)result["episodes"]!);
            Assert.NotNull(result["overNearestPrototype"]);
        });
        Assert.Equal("Market, SupportTuning", (string)methods[8]!["uses"]!);
        Assert.Equal((2, 64), (report["loras"]!.AsArray().Count, ((string)report["revision"]!).Length));
        Assert.Empty(report["seenClasses"]!.AsArray());

        var markdown = File.ReadAllLines(_folder["table.md"]);
        Assert.Equal("| method | uses | 2w1s | over NN | s/task |", markdown[0]);
        Assert.Equal(2 + methods.Count, markdown.TakeWhile(row => row.StartsWith('|')).Count());
        Assert.Contains(markdown, row => row.StartsWith("| LoRA Recycle (first) | LoRAs | ", StringComparison.Ordinal));
        Assert.Contains(
            markdown,
            row =>
                row.StartsWith("| full fine-tuning | tuning | ", StringComparison.Ordinal)
                && row.Contains("(1 episodes)", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task Nearest_prototypes_alone_are_what_eval_says_without_a_comparison()
    {
        string[] shape = ["--ways", "2", "--shots", "1,3", "--queries", "3", "--episodes", "30", "--device", "cpu", "--json"];
        var plain = JsonNode.Parse((await CommandRun.Of(["eval", .. _data, .. shape])).AssertDone().Output)!["results"]!.AsArray();
        var row = JsonNode.Parse((await CommandRun.Of(["eval", .. _data, .. shape, "--methods", "nn"])).AssertDone().Output)!["methods"]![
            0
        ]!["results"]!.AsArray();
        Assert.Equal(plain.Select(result => (double)result!["accuracy"]!), row.Select(result => (double)result!["accuracy"]!));
        Assert.Equal(plain.Select(result => (double)result!["interval95"]!), row.Select(result => (double)result!["interval95"]!));
    }

    [Fact]
    public async Task Classes_that_the_loras_saw_are_named()
    {
        await BuildMarket();
        var run = await CommandRun.OfTiny([
            "eval",
            .. _data,
            "--part",
            "train",
            "--market",
            _folder["market"],
            "--methods",
            "nn",
            .. Quick,
            "--json",
        ]);
        Assert.Equal(
            ["airplanes", "barrel"],
            JsonNode.Parse(run.AssertDone().Output)!["seenClasses"]!.AsArray().Select(name => (string)name!)
        );
    }

    [Fact]
    public async Task A_market_for_another_model_is_refused()
    {
        await BuildMarket();
        var list = _folder["market/market.json"];
        File.WriteAllText(list, File.ReadAllText(list).Replace("\"tiny\"", "\"clip-vit-base-patch16\"", StringComparison.Ordinal));
        (await Compare("--market", _folder["market"])).AssertRefused(
            ExitCode.BadInput,
            "was tuned on clip-vit-base-patch16, but this model is tiny"
        );
    }

    [Theory]
    [InlineData("unknown method 'knn'; expected some of nn, avg-nn", "--methods", "nn,knn")]
    [InlineData("got none", "--methods", "")]
    [InlineData("--methods avg-nn needs --market", "--methods", "nn,avg-nn")]
    [InlineData("has 8 images", "--methods", "pmf")]
    [InlineData("--loras needs --market", "--methods", "nn", "--loras", "caltech*")]
    [InlineData("expected NAME=DIR", "--meta-lora", "somewhere")]
    [InlineData("'a' names two rows", "--meta-lora", "a=x", "--meta-lora", "a=y")]
    [InlineData("No market at 'absent'", "--market", "absent")]
    [InlineData("--meta-lora absent: no adapter", "--meta-lora", "a=absent")]
    [InlineData("no folder", "--markdown", "/absent/folder/table.md")]
    [InlineData("expected factors such as 1 or 3/N; got 'x'", "--methods", "nn", "--sum-weight", "1,x")]
    [InlineData("--lora-lr 0: expected more than 0", "--methods", "nn", "--lora-lr", "0")]
    [InlineData("--images-at-once 0: expected at least 1", "--methods", "nn", "--images-at-once", "0")]
    [InlineData("at least 3 classes; got 2", "--methods", "nn", "--ways", "3")]
    public async Task What_makes_no_sense_is_refused(string because, params string[] options) =>
        (await Compare(options)).AssertRefused(ExitCode.BadInput, because);

    [Fact]
    public async Task An_adapter_is_a_row_and_not_the_model_of_all_rows() =>
        (await Compare("--methods", "nn", "--adapter", _folder.Path)).AssertRefused(
            ExitCode.BadInput,
            $"give the adapter a row with --meta-lora NAME={_folder.Path}"
        );

    [Fact]
    public async Task Training_classes_come_from_a_split() =>
        (await CommandRun.OfTiny("eval", "--data", _data[1], "--ways", "2", "--queries", "2", "--methods", "real-meta"))
            .AssertRefused(ExitCode.BadInput, "--methods real-meta needs --split");

    private Task<CommandRun> Compare(params string[] options) =>
        CommandRun.OfTiny([
            "eval",
            .. _data,
            .. options.Contains("--ways") ? [] : new[] { "--ways", "2" },
            "--shots",
            "1",
            "--queries",
            "2",
            "--episodes",
            "2",
            "--device",
            "cpu",
            .. options,
        ]);

    private async Task BuildMarket() =>
        (
            await CommandRun.OfTiny(
                "market",
                "build",
                "--data",
                _data[1],
                "--split",
                _folder["splits.json"],
                "--out",
                _folder["market"],
                "--loras",
                "2",
                "--ways",
                "2",
                "--steps",
                "1",
                "--batch",
                "2",
                "--device",
                "cpu"
            )
        ).AssertDone();
}
