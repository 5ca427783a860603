using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using LoraRecycle.Cli.Hosting;
using LoraRecycle.Tests;

namespace LoraRecycle.Cli.Tests.Commands;

public sealed class CalibrateTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public CalibrateTests() => TinyModel.Write(_folder["model"]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_was_fitted_lies_beside_the_model_and_lowers_the_error_that_eval_measures()
    {
        var data = SampleArchive.Create(_folder["photographs.zip"], classes: 6, images: 10);
        var report = JsonNode.Parse((await OnModel("calibrate", "--data", data, "--episodes", "20", "--json")).AssertDone().Output)!;
        Assert.Equal(report.ToJsonString(), JsonNode.Parse(File.ReadAllText(_folder["model/calibration.json"]))!.ToJsonString());
        Assert.True((double)report["fittedOn"]!["errorAfter"]! < (double)report["fittedOn"]!["errorBefore"]!);

        var run = await OnModel(
            "eval",
            "--data",
            data,
            "--ways",
            "5",
            "--shots",
            "1",
            "--queries",
            "5",
            "--episodes",
            "100",
            "--json",
            "--reliability",
            _folder["r.svg"]
        );
        var result = JsonNode.Parse(run.AssertDone().Output)!["results"]![0]!;
        Assert.True(Error("calibrated") < Error("uncalibrated"), result.ToJsonString());
        Assert.Equal("svg", XDocument.Load(_folder["r.svg"]).Root!.Name.LocalName);

        double Error(string which) => (double)result[which]!["expectedCalibrationError"]!;
    }

    [Fact]
    public async Task A_seed_fits_the_same_every_time()
    {
        var data = SampleArchive.Create(_folder["photographs.zip"], classes: 4, images: 6);
        var first = (await OnModel("calibrate", "--data", data, "--episodes", "5", "--json")).AssertDone().Output;
        Assert.Equal(first, (await OnModel("calibrate", "--data", data, "--episodes", "5", "--json")).AssertDone().Output);
    }

    [Fact]
    public async Task The_test_classes_are_refused_because_nothing_could_be_measured_on_them_any_more()
    {
        var data = SampleArchive.Create(_folder["photographs.zip"], classes: 4, images: 6);
        File.WriteAllText(
            _folder["splits.json"],
            """{"photographs": {"train": ["Motorbikes"], "val": ["airplanes", "barrel"], "test": ["chair"]}}"""
        );
        (await OnModel("calibrate", "--data", data, "--split", _folder["splits.json"], "--part", "test")).AssertRefused(
            ExitCode.BadInput,
            "--part test"
        );
        Assert.False(File.Exists(_folder["model/calibration.json"]));
    }

    [Fact]
    public async Task A_new_meta_lora_begins_with_the_calibration_of_the_model_under_its_own_revision()
    {
        var data = SampleArchive.Create(_folder["photographs.zip"], classes: 4, images: 6);
        (await OnModel("calibrate", "--data", data, "--episodes", "5")).AssertDone();
        foreach (var (name, seed) in new[] { ("first", 1), ("second", 2) }) new TestLora { Seed = seed }.Write(_folder[$"market/{name}"]);
        string[] loras = [_folder["market/first"], _folder["market/second"]];
        (
            await OnModel([
                "invert",
                "--lora",
                .. loras,
                "--out",
                _folder["pools"],
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
        (
            await OnModel(
                "distill",
                "--pool",
                _folder["pools/first"],
                _folder["pools/second"],
                "--market",
                _folder["market"],
                "--out",
                _folder["new/folder/meta"],
                "--iterations",
                "2",
                "--episodes",
                "1",
                "--shots",
                "1",
                "--device",
                "cpu"
            )
        ).AssertDone();

        using var bare = JsonDocument.Parse(File.ReadAllText(_folder["model/calibration.json"]));
        using var inherited = JsonDocument.Parse(File.ReadAllText(_folder["new/folder/meta/calibration.json"]));
        Assert.Equal(Coefficients(bare), Coefficients(inherited));
        Assert.Equal(64, inherited.RootElement.GetProperty("adapterRevision").GetString()!.Length);
        (
            await OnModel(
                "eval",
                "--data",
                data,
                "--ways",
                "3",
                "--shots",
                "1",
                "--queries",
                "2",
                "--episodes",
                "3",
                "--adapter",
                _folder["new/folder/meta"]
            )
        ).AssertDone();

        static double[] Coefficients(JsonDocument file) =>
            [.. file.RootElement.GetProperty("coefficients").EnumerateArray().Select(one => one.GetDouble())];
    }

    private Task<CommandRun> OnModel(params string[] args) => CommandRun.Of([.. args, "--model", _folder["model"]]);
}
