using System.Text.Json.Nodes;
using LoraRecycle.Cli.Hosting;
using LoraRecycle.Tests;

namespace LoraRecycle.Cli.Tests.Commands;

public sealed class ClassifyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Photographs_are_assigned_to_the_class_folders_they_resemble()
    {
        var support = SampleArchive.Create(_folder["support.zip"], classes: 8, images: 8);
        string[] queries =
        [
            Repository.PathOf("samples", "Motorbikes", "image_0798.jpg"),
            Repository.PathOf("samples", "airplanes", "image_0800.jpg"),
        ];
        var run = (await CommandRun.Of(["classify", support, .. queries, "--json"])).AssertDone();
        var answers = JsonNode.Parse(run.Output)!.AsArray();

        Assert.Equal(queries, answers.Select(answer => (string)answer!["file"]!));
        Assert.Equal(["Motorbikes", "airplanes"], answers.Select(answer => (string)answer!["label"]!));
        Assert.All(answers, answer =>
        {
            var probabilities = answer!["scores"]!.AsArray().Select(score => (double)score!["probability"]!).ToArray();
            Assert.Equal(8, probabilities.Length);
            Assert.Equal(1, probabilities.Sum(), 6);
            Assert.Equal(probabilities.OrderDescending(), probabilities);
        });
    }

    [Fact]
    public async Task Pictures_of_any_name_count_and_files_that_are_none_are_told()
    {
        foreach (var (label, from, to) in new[]
        {
            ("airplanes", "image_0800.jpg", "1.jfif"), ("airplanes", "image_0800.jpg", "2"), ("cup", "image_0046.jpg", "1.jpe"),
        })
        {
            Directory.CreateDirectory(Path.Combine(_folder["data"], label));
            File.Copy(Repository.PathOf("samples", label, from), Path.Combine(_folder["data"], label, to));
        }
        var query = Repository.PathOf("samples", "cup", "image_0046.jpg");
        var run = (await CommandRun.OfTiny("classify", _folder["data"], query, "--json")).AssertDone();
        Assert.Equal("cup", (string)JsonNode.Parse(run.Output)![0]!["label"]!);

        File.WriteAllText(Path.Combine(_folder["data"], "cup", "notes.txt"), "a cup");
        var told = await CommandRun.OfTiny("classify", _folder["data"], query, "--json");
        Assert.Equal((ExitCode.Ok, run.Output), (told.ExitCode, told.Output));
        Assert.Equal("data: 1 file skipped, for it is no picture of a class: cup/notes.txt (a text file)\n", told.Error);

        File.Delete(Path.Combine(_folder["data"], "cup", "1.jpe"));
        (await CommandRun.OfTiny("classify", _folder["data"], query)).AssertRefused(ExitCode.BadInput, "Class 'cup' of data set 'data'");
    }

    [Fact]
    public async Task An_adapter_is_named_by_the_id_of_a_meta_lora_beside_the_model()
    {
        using var metaLoras = new MetaLoraFolder().Add("mine", seed: 1);
        Directory.CreateSymbolicLink(_folder["meta-loras"], metaLoras.Path);
        Directory.CreateSymbolicLink(_folder["vit"], TinyModel.Directory);
        var support = SampleArchive.Create(_folder["support.zip"], classes: 2, images: 1);
        var query = Repository.PathOf("samples", "airplanes", "image_0800.jpg");
        var byId = (await CommandRun.Of("classify", support, query, "--model", _folder["vit"], "--adapter", "mine", "--json")).AssertDone();
        var byPath = (await CommandRun.OfTiny("classify", support, query, "--adapter", metaLoras["mine"], "--json")).AssertDone();
        var bare = (await CommandRun.OfTiny("classify", support, query, "--json")).AssertDone();

        Assert.Equal(byPath.Output, byId.Output);
        Assert.NotEqual(bare.Output, byId.Output);
        (await CommandRun.Of("classify", support, query, "--model", _folder["vit"], "--adapter", "yours")).AssertRefused(
            ExitCode.BadInput,
            "mine"
        );
    }

    [Fact]
    public async Task One_class_is_nothing_to_choose_from() =>
        (
            await CommandRun.Of(
                "classify",
                SampleArchive.Create(_folder["one.zip"], classes: 1, images: 2),
                Repository.PathOf("samples", "cup", "image_0046.jpg")
            )
        ).AssertRefused(ExitCode.BadInput, "at least 2 classes");
}
