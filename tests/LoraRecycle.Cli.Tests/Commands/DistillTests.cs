using System.Text.Json;
using LoraRecycle.Cli.Hosting;

namespace LoraRecycle.Cli.Tests.Commands;

public class DistillTests
{
    [Fact]
    public async Task Pools_and_their_loras_become_a_meta_lora_that_a_model_can_use()
    {
        using var folder = new TemporaryFolder();
        await MakePools(folder);
        string[] line =
        [
            "distill", "--pool", folder["pools/first"], folder["pools/second"], "--market", folder["market"], "--out", folder["meta"],
            "--iterations", "2", "--episodes", "1", "--shots", "1", "--mask", "0.5", "--device", "cpu", "--json",
        ];
        using var report = JsonDocument.Parse((await CommandRun.OfTiny(line)).AssertDone().Output);
        Assert.Equal(["first", "second"], report.RootElement.GetProperty("pools").EnumerateArray().Select(name => name.GetString()));
        Assert.True(File.Exists(folder["meta/run.json"]));

        var photograph = LoraRecycle.Tests.Repository.PathOf("samples", "cup", "image_0046.jpg");
        (await CommandRun.OfTiny(["embed", photograph, "--adapter", folder["meta"], "--device", "cpu", "--json"])).AssertDone();
    }

    [Theory]
    [InlineData("none of these folders is a pool", "--shots", "1")]
    [InlineData("Rank", "--rank", "0")]
    [InlineData("Masked", "--mask", "1")]
    [InlineData("--shots", "--shots", "one")]
    public async Task Settings_that_make_no_sense_are_refused(string because, params string[] option)
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["empty"]);
        (
            await CommandRun.OfTiny([
                "distill",
                "--pool",
                folder["empty"],
                "--market",
                folder["empty"],
                "--out",
                folder["meta"],
                "--device",
                "cpu",
                .. option,
            ])
        ).AssertRefused(ExitCode.BadInput, because);
    }

    private static async Task MakePools(TemporaryFolder folder)
    {
        new TestLora { Seed = 1 }.Write(folder["market/first"]);
        new TestLora { Seed = 2 }.Write(folder["market/second"]);
        (
            await CommandRun.OfTiny([
                "invert",
                "--lora",
                folder["market/first"],
                folder["market/second"],
                "--out",
                folder["pools"],
                "--iterations",
                "1",
                "--images",
                "2",
                "--prior",
                "none",
                "--device",
                "cpu",
            ])
        ).AssertDone();
    }
}
