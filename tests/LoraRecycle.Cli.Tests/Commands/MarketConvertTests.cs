using System.Text.Json.Nodes;
using LoraRecycle.Cli.Hosting;
using LoraRecycle.Tests;

namespace LoraRecycle.Cli.Tests.Commands;

public sealed class MarketConvertTests : IDisposable
{
    private static readonly string Model = Repository.PathOf("tests", "golden", "clip", "model");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("vera", "64")]
    [InlineData("hra", "4")]
    [InlineData("ia3", "64")]
    public async Task What_is_exact_computes_what_peft_computed_with_the_original(string adapter, string rank)
    {
        var golden = Repository.PathOf("tests", "golden", "clip", "adapters", adapter);
        var report = JsonNode.Parse((await CommandRun.Of(
            "market", "convert", golden, "--model", Model, "--rank", rank, "--out", _folder["lora"], "--json")).AssertDone().Output)!;
        Assert.Equal((adapter, true), ((string?)report["family"], (bool)report["isExact"]!));
        Assert.True(File.Exists(_folder["lora/run.json"]));

        (
            await CommandRun.Of(
                "verify",
                "--model",
                Model,
                "--adapter",
                _folder["lora"],
                "--expected",
                Path.Combine(golden, "expected.safetensors")
            )
        ).AssertDone();
    }

    [Fact]
    public async Task What_a_rank_cannot_hold_is_said()
    {
        var run = (
            await CommandRun.Of(
                "market",
                "convert",
                Repository.PathOf("tests", "golden", "clip", "adapters", "oft"),
                "--model",
                Model,
                "--rank",
                "8",
                "--out",
                _folder["lora"]
            )
        ).AssertDone();
        Assert.Contains("loses up to", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lora_is_trimmed_and_stays_one_that_loads()
    {
        new TestLora { Scale = 3, Layers = 6 }.Write(_folder["lora"]);

        var run = (await CommandRun.OfTiny("market", "trim", _folder["lora"], "--intruders", "0", "--out", _folder["trimmed"], "--json"))
            .AssertDone();

        Assert.True((int)JsonNode.Parse(run.Output)!["intruders"]! > 0, run.Output);
        var inspected = (await CommandRun.OfTiny("market", "inspect", _folder["trimmed"], "--json")).AssertDone();
        Assert.NotEqual((await CommandRun.OfTiny("market", "inspect", _folder["lora"], "--json")).AssertDone().Output, inspected.Output);
    }

    [Theory]
    [InlineData("--intruders", "1.5", "expected 0 to 1")]
    [InlineData("--cosine", "0", "expected above 0, to 1")]
    public async Task A_share_that_cannot_be_is_refused(string option, string value, string because)
    {
        new TestLora().Write(_folder["lora"]);

        (await CommandRun.OfTiny("market", "trim", _folder["lora"], option, value, "--out", _folder["trimmed"]))
            .AssertRefused(ExitCode.BadInput, because);
    }

    [Theory]
    [InlineData("expected 1 to 16384", "vera", "0")]
    [InlineData("no adapter", "nowhere", "8")]
    public async Task What_cannot_be_converted_is_refused(string because, string adapter, string rank)
    {
        (
            await CommandRun.Of(
                "market",
                "convert",
                Repository.PathOf("tests", "golden", "clip", "adapters", adapter),
                "--model",
                Model,
                "--rank",
                rank,
                "--out",
                _folder["lora"]
            )
        ).AssertRefused(ExitCode.BadInput, because);
        Assert.False(Directory.Exists(_folder["lora"]));
    }
}
