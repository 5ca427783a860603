using System.Text.Json;
using LoraRecycle.Cli.Hosting;
using LoraRecycle.Core.Method.Inversion.Pools;

namespace LoraRecycle.Cli.Tests.Commands;

public class InvertTests
{
    [Fact]
    public async Task Loras_of_the_shipped_model_become_pools_that_can_be_read_and_looked_at()
    {
        using var folder = new TemporaryFolder();
        new TestLora { Seed = 1, Model = Installation.DefaultModel }.Write(folder["first"]);
        new TestLora { Seed = 2, Model = Installation.DefaultModel }.Write(folder["second"]);
        string[] line =
        [
            "invert",
            "--lora",
            folder["first"],
            folder["second"],
            "--out",
            folder["pools"],
            "--iterations",
            "1",
            "--images",
            "1",
            "--device",
            "cpu",
            "--json",
        ];
        using var report = JsonDocument.Parse((await CommandRun.Of(line)).AssertDone().Output);
        Assert.Equal(
            ["first", "second"],
            report.RootElement.GetProperty("pools").EnumerateArray().Select(pool => pool.GetProperty("name").GetString())
        );
        Assert.Equal("none", report.RootElement.GetProperty("settings").GetProperty("pruning").GetString());

        using var read = SyntheticPoolDirectory.Read(Path.Combine(folder["pools"], "second"));
        Assert.Equal([2, 3, 96, 96], read.Images.shape);
        Assert.True(File.Exists(Path.Combine(folder["pools"], "second", "sheet.png")));
        Assert.True(File.Exists(Path.Combine(folder["pools"], "run.json")));
    }

    [Theory]
    [InlineData("token pruning such as", "--pruning", "five")]
    [InlineData("layers 0 to", "--pruning", "99:.5")]
    [InlineData("1 to 1,000,000 iterations", "--iterations", "0")]
    [InlineData("--mask", "--mask", "1")]
    [InlineData("--together", "--together", "0")]
    [InlineData("nowhere", "--prior", "nowhere")]
    [InlineData("canvas of 0, or of 32 to 256 pixels in steps of 8", "--canvas", "70")]
    [InlineData("expected only one of the two", "--devices", "cpu,cpu")]
    public async Task Settings_that_make_no_sense_are_refused(string because, params string[] option)
    {
        using var folder = new TemporaryFolder();
        new TestLora().Write(folder["lora"]);
        (await CommandRun.OfTiny(["invert", "--lora", folder["lora"], "--out", folder["pools"], "--device", "cpu", .. option]))
            .AssertRefused(ExitCode.BadInput, because);
    }

    [Fact]
    public async Task Two_devices_make_what_one_makes()
    {
        using var folder = new TemporaryFolder();
        foreach (var (name, seed) in new[] { ("first", 1), ("second", 2), ("third", 3) })
            new TestLora { Seed = seed }.Write(folder[name]);
        string[] line =
        [
            "invert",
            "--lora",
            folder["first"],
            folder["second"],
            folder["third"],
            "--iterations",
            "2",
            "--images",
            "1",
            "--together",
            "1",
            "--prior",
            "none",
        ];
        (await CommandRun.OfTiny([.. line, "--out", folder["one"], "--device", "cpu"])).AssertDone();
        using var report = JsonDocument.Parse(
            (await CommandRun.OfTiny([.. line, "--out", folder["two"], "--devices", "cpu,cpu", "--json"])).AssertDone().Output
        );
        Assert.Equal(["cpu", "cpu"], report.RootElement.GetProperty("devices").EnumerateArray().Select(device => device.GetString()));
        foreach (var name in new[] { "first", "second", "third" })
            Assert.Equal(
                File.ReadAllBytes(folder[$"one/{name}/images.safetensors"]),
                File.ReadAllBytes(folder[$"two/{name}/images.safetensors"])
            );
    }

    [Fact]
    public async Task A_lora_without_a_head_is_refused_by_name()
    {
        using var folder = new TemporaryFolder();
        new TestLora().Write(folder["headless"]);
        File.Delete(Path.Combine(folder["headless"], "head.safetensors"));
        (await CommandRun.OfTiny("invert", "--lora", folder["headless"], "--out", folder["pools"], "--device", "cpu"))
            .AssertRefused(ExitCode.BadInput, "headless has no classification head");
    }
}
