using System.Text.Json;
using LoraRecycle.Cli.Hosting;

namespace LoraRecycle.Cli.Tests.Commands;

public class MergeTests
{
    [Fact]
    public async Task Adapters_become_one_that_a_model_can_use()
    {
        using var folder = new TemporaryFolder();
        new TestLora().Write(folder["first"]);
        new TestLora { Seed = 2 }.Write(folder["second"]);
        string[] line =
        [
            "merge",
            "--adapter",
            $"{folder["first"]}=0.5",
            $"{folder["second"]}=0.25",
            "--rank",
            "8",
            "--out",
            folder["both"],
            "--device",
            "cpu",
            "--json",
        ];
        using var report = JsonDocument.Parse((await CommandRun.OfTiny(line)).AssertDone().Output);
        Assert.Equal(
            [0.5, 0.25],
            report.RootElement.GetProperty("members").EnumerateArray().Select(member => member.GetProperty("weight").GetDouble())
        );
        Assert.InRange(report.RootElement.GetProperty("largestLoss").GetDouble(), 0, 1e-5);
        Assert.True(File.Exists(folder["both/run.json"]));

        var photograph = LoraRecycle.Tests.Repository.PathOf("samples", "cup", "image_0046.jpg");
        (await CommandRun.OfTiny(["embed", photograph, "--adapter", folder["both"], "--device", "cpu", "--json"])).AssertDone();
    }

    [Theory]
    [InlineData("expected an adapter and a factor", "somewhere")]
    [InlineData("expected an adapter and a factor", "somewhere=half")]
    [InlineData("no adapter at 'nowhere'", "nowhere=0.5")]
    public async Task What_is_no_adapter_with_a_factor_is_refused(string because, string adapter)
    {
        using var folder = new TemporaryFolder();
        (await CommandRun.OfTiny(["merge", "--adapter", adapter, "--out", folder["out"], "--device", "cpu"])).AssertRefused(
            ExitCode.BadInput,
            because
        );
        Assert.False(Directory.Exists(folder["out"]));
    }
}
