using System.Text.Json;
using System.Text.Json.Nodes;
using LoraRecycle.Core.FewShot.Calibration;
using LoraRecycle.Core.Vision.Loading;
using LoraRecycle.Tests;
using TorchSharp;

namespace LoraRecycle.Service.Tests.MetaLoras;

/// <summary>Where the probabilities of an answer come from, with and without a file beside the weights.</summary>
public sealed class CalibratedAnswersTests
{
    private static object TwoOfEach(string metaLora) => new
    {
        support = new[]
        {
            EpisodeRequests.Class("cup", Photographs.Base64("cup", 0), Photographs.Base64("cup", 1)),
            EpisodeRequests.Class("chair", Photographs.Base64("chair", 0), Photographs.Base64("chair", 1)),
        },
        queries = new[] { Photographs.Base64("cup", 2), Photographs.Base64("chair", 3) },
        metaLora,
    };

    private static void Calibrate(MetaLoraFolder folder, string id)
    {
        using var model = EmbeddingModel.Load(TinyModel.Directory, torch.CPU, folder[id]);
        new CalibrationFile
        {
            Version = CalibrationFile.CurrentVersion,
            Form = CalibrationFile.CurrentForm,
            Model = model.Id,
            ModelRevision = model.FoundationRevision,
            AdapterRevision = model.AdapterRevision,
            Coefficients = [2, 0.2, -0.3, 0.5, 0.4],
            FittedOn = new CalibrationOrigin(["test"], [2], ["2-way 1-shot"], 1, 0, 0.3, 0.01),
        }.Write(folder[id]);
    }

    private static (string Source, double[] Distances, string[] Labels, double[] Probabilities) Read(JsonElement answer) =>
        (
            answer.GetProperty("calibration").GetString()!,
            [
                .. answer
                    .GetProperty("predictions")
                    .EnumerateArray()
                    .SelectMany(p => p.GetProperty("scores").EnumerateArray())
                    .Select(s => s.GetProperty("distance").GetDouble()),
            ],
            [.. answer.Labels().Select(label => label!)],
            [.. answer.GetProperty("predictions").EnumerateArray().Select(p => p.GetProperty("probability").GetDouble())]
        );

    [Fact]
    public async Task A_file_beside_the_weights_changes_probabilities_and_nothing_else_and_is_noticed_at_once()
    {
        using var folder = new MetaLoraFolder().Add("mine", seed: 1);
        await using var service = await AdapterService.StartAsync(folder, "none");
        var before = Read(await service.ClassifyAsync("mine"));
        Calibrate(folder, "mine");
        var after = Read(await service.ClassifyAsync("mine"));

        Assert.Equal(("none", "fitted"), (before.Source, after.Source));
        Assert.Equal(before.Distances, after.Distances);
        Assert.Equal(before.Labels, after.Labels);
        Assert.NotEqual(before.Probabilities, after.Probabilities);
        var listed = await service.GetAsync("/meta-loras/mine");
        Assert.Equal("fitted", listed.GetProperty("calibration").GetString());
        Assert.Equal(JsonValueKind.Null, listed.GetProperty("calibrationProblem").ValueKind);
    }

    [Fact]
    public async Task Without_one_two_images_of_each_class_calibrate_and_models_say_so()
    {
        using var folder = new MetaLoraFolder().Add("mine", seed: 1);
        await using var service = await AdapterService.StartAsync(folder, "none");

        Assert.Equal("support-set", Read(await service.Client.ClassifyAsync(TwoOfEach("mine"))).Source);
        Assert.Equal("support-set", (await service.GetAsync("/meta-loras/mine")).GetProperty("calibration").GetString());
    }

    [Fact]
    public async Task One_of_other_weights_or_a_damaged_one_is_passed_over_and_the_list_says_why()
    {
        using var folder = new MetaLoraFolder().Add("mine", seed: 1).Add("other", seed: 2).Add("damaged", seed: 3);
        Calibrate(folder, "mine");
        File.Move(Path.Combine(folder["mine"], CalibrationFile.Name), Path.Combine(folder["other"], CalibrationFile.Name));
        await File.WriteAllTextAsync(Path.Combine(folder["damaged"], CalibrationFile.Name), "{", TestContext.Current.CancellationToken);
        await using var service = await AdapterService.StartAsync(folder, "none");

        foreach (var (id, reason) in new[] { ("other", "another model or adapter"), ("damaged", "expected a calibration") })
        {
            Assert.Equal("none", Read(await service.ClassifyAsync(id)).Source);
            var problem = (await service.GetAsync($"/meta-loras/{id}")).GetProperty("calibrationProblem").GetString()!;
            Assert.Contains(reason, problem, StringComparison.Ordinal);
            Assert.DoesNotContain(folder.Path, problem, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_stored_task_answers_as_classify_does_also_after_a_calibration_came()
    {
        using var folder = new MetaLoraFolder().Add("mine", seed: 1);
        await using var service = await AdapterService.StartAsync(folder, "none");
        var episode = JsonSerializer.SerializeToNode(TwoOfEach("mine"))!.AsObject();
        var queries = new JsonObject { ["queries"] = episode["queries"]!.DeepClone() };
        var stored = episode.DeepClone().AsObject();
        stored.Remove("queries");
        using var made = await service.Client.PostAsync("/tasks", JsonContentOf(stored), TestContext.Current.CancellationToken);
        var id = (await made.AnswerAsync()).GetProperty("task").GetProperty("id").GetString();
        foreach (var source in new[] { "support-set", "fitted" })
        {
            using var answer = await service.Client.PostAsync(
                $"/tasks/{id}/classify",
                JsonContentOf(queries),
                TestContext.Current.CancellationToken
            );
            var (direct, kept) = (Read(await service.Client.ClassifyAsync(episode)), Read(await answer.AnswerAsync()));
            Assert.Equal(source, kept.Source);
            Assert.Equal(direct.Probabilities, kept.Probabilities);
            Calibrate(folder, "mine");
        }
    }

    private static StringContent JsonContentOf(JsonObject body) => new(body.ToJsonString(), System.Text.Encoding.UTF8, "application/json");
}
