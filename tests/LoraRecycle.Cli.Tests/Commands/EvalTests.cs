using System.IO.Compression;
using System.Text.Json.Nodes;
using LoraRecycle.Cli.Hosting;
using LoraRecycle.Tests;

namespace LoraRecycle.Cli.Tests.Commands;

public sealed class EvalTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_seed_gives_the_same_report_every_time_and_another_seed_another()
    {
        var data = SampleArchive.Create(_folder["photographs.zip"], classes: 4, images: 6);
        var first = await Eval(data, seed: 1);
        Assert.Equal(first.ToJsonString(), (await Eval(data, seed: 1)).ToJsonString());
        Assert.NotEqual(first["results"]!.ToJsonString(), (await Eval(data, seed: 2))["results"]!.ToJsonString());
    }

    [Fact]
    public async Task The_shipped_model_tells_photographs_apart_far_better_than_chance()
    {
        var report = await Eval(
            SampleArchive.Create(_folder["photographs.zip"], classes: 5, images: 8),
            seed: 1,
            "--model",
            Installation.DefaultModel
        );
        var accuracies = report["results"]!.AsArray().Select(r => (double)r!["accuracy"]!).ToArray();
        Assert.InRange(accuracies[0], 0.85, 1); // 3-way 1-shot; chance is 0.33
        Assert.InRange(accuracies[1], accuracies[0], 1); // 3 shots know more than one
    }

    [Fact]
    public async Task Rejection_is_measured_instead_where_it_is_asked_for_with_the_target_that_is_given()
    {
        var data = SampleArchive.Create(_folder["photographs.zip"], classes: 6, images: 8);
        var report = await Eval(data, seed: 1, "--reject", "0.2", "--model", Installation.DefaultModel);
        foreach (var result in report["results"]!.AsArray())
        {
            Assert.Equal(0.2, (double)result!["target"]!);
            Assert.InRange((double)result["auroc"]!, 0.5, 1);
            Assert.InRange((double)result["falseRejections"]!, 0, 0.5);
        }
        Assert.Equal(0.05, (double)(await Eval(data, seed: 1, "--reject"))["results"]![0]!["target"]!);
        (await CommandRun.OfTiny("eval", "--data", data, "--reject", "0.9")).AssertRefused(ExitCode.BadInput, "--reject 0.9");
    }

    [Fact]
    public async Task A_split_chooses_the_classes()
    {
        var data = SampleArchive.Create(_folder["photographs.zip"], classes: 4, images: 6);
        File.WriteAllText(
            _folder["splits.json"],
            """{"photographs": {"train": ["Motorbikes"], "test": ["airplanes", "barrel", "chair"]}}"""
        );
        var report = await Eval(data, seed: 1, "--split", _folder["splits.json"]);
        Assert.Equal(("test", 3), ((string)report["part"]!, (int)report["classes"]!));
    }

    [Fact]
    public async Task A_hostile_archive_is_refused_by_name()
    {
        using (var archive = ZipFile.Open(_folder["evil.zip"], ZipArchiveMode.Create))
            archive.CreateEntry("../../etc/passwd.jpg");
        (await CommandRun.OfTiny("eval", "--data", _folder["evil.zip"])).AssertRefused(
            ExitCode.BadInput,
            "'../../etc/passwd.jpg' has an unsafe name"
        );
    }

    [Fact]
    public async Task A_damaged_picture_is_named()
    {
        var data = SampleArchive.Create(_folder["photographs.zip"], classes: 3, images: 6);
        using (var archive = ZipFile.Open(data, ZipArchiveMode.Update))
        {
            archive.Entries.First(e => e.FullName.StartsWith("barrel/", StringComparison.Ordinal)).Delete();
            using var entry = archive.CreateEntry("barrel/zz_damaged.jpg").Open();
            entry.Write("no picture"u8);
        }
        (await CommandRun.OfTiny("eval", "--data", data, "--ways", "3", "--shots", "3", "--queries", "3", "--episodes", "20"))
            .AssertRefused(ExitCode.BadInput, "'barrel/zz_damaged.jpg' cannot be used");
    }

    private static async Task<JsonNode> Eval(string data, int seed, params string[] more)
    {
        var run = await CommandRun.Of([
            "eval",
            "--data",
            data,
            "--ways",
            "3",
            "--shots",
            "1,3",
            "--queries",
            "3",
            "--episodes",
            "60",
            "--seed",
            $"{seed}",
            "--json",
            .. more.Contains("--model") ? [] : new[] { "--model", TinyModel.Directory },
            .. more,
        ]);
        return JsonNode.Parse(run.AssertDone().Output)!;
    }
}
