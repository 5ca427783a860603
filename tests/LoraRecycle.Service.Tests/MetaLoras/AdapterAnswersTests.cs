using System.Text.Json;
using LoraRecycle.Core.FewShot;
using LoraRecycle.Core.FewShot.Classification;
using LoraRecycle.Core.Imaging;
using LoraRecycle.Core.Imaging.Decoding;
using LoraRecycle.Core.Vision.Loading;
using LoraRecycle.Tests;
using static TorchSharp.torch;

namespace LoraRecycle.Service.Tests.MetaLoras;

/// <summary>Who answers, and that the answer is that model's.</summary>
public sealed class AdapterAnswersTests : IDisposable
{
    private readonly MetaLoraFolder _folder = new MetaLoraFolder().Add("one", seed: 1).Add("two", seed: 2);

    public void Dispose() => _folder.Dispose();

    /// <summary>The distances that the episode of cups and chairs has, computed without a server.</summary>
    private static double[] Distances(string? adapter)
    {
        using var model = EmbeddingModel.Load(TinyModel.Directory, CPU, adapter);
        var decoder = new ImageDecoder(new ImageDecoderOptions());
        var embeddings = model.Embed([
            .. new[] { ("cup", 0), ("cup", 1), ("chair", 0), ("cup", 2), ("chair", 3) }.Select(p =>
                decoder.Decode(Photographs.Of(p.Item1, p.Item2))
            ),
        ]);
        var classifier = new PrototypeClassifier(
            new SupportSet([new SupportClass("cup", embeddings[..2]), new SupportClass("chair", [embeddings[2]])])
        );
        return [.. embeddings[3..].SelectMany(query => classifier.Classify(query).Scores.Select(score => score.Distance))];
    }

    private static double[] Distances(JsonElement answer) =>
        [
            .. answer
                .GetProperty("predictions")
                .EnumerateArray()
                .SelectMany(prediction =>
                    prediction.GetProperty("scores").EnumerateArray().Select(score => score.GetProperty("distance").GetDouble())
                ),
        ];

    [Fact]
    public async Task Each_answer_is_that_of_the_model_it_names()
    {
        await using var service = await AdapterService.StartAsync(_folder, "one");
        var (bare, one, two) = (
            await service.ClassifyAsync("none"),
            await service.ClassifyAsync("default"),
            await service.ClassifyAsync("two")
        );

        Assert.Equal(("none", "one", "two"), (bare.MetaLora(), one.MetaLora(), two.MetaLora()));
        // To the last bit, whatever batches the server made.
        Assert.Equal(Distances(adapter: null), Distances(bare));
        Assert.Equal(Distances(_folder["one"]), Distances(one));
        Assert.Equal(Distances(_folder["two"]), Distances(two));
        Assert.NotEqual(bare.Predictions(), one.Predictions());
        Assert.NotEqual(one.Predictions(), two.Predictions());
    }

    [Fact]
    public async Task The_active_one_answers_those_who_name_none_and_the_revision_is_that_of_its_files()
    {
        await using var service = await AdapterService.StartAsync(_folder, "two");
        var (silent, named) = (await service.ClassifyAsync(null), await service.ClassifyAsync("two"));

        Assert.Equal("two", silent.MetaLora());
        Assert.Equal(named.Predictions(), silent.Predictions());
        Assert.Equal((await service.GetAsync("/meta-loras/two")).GetProperty("revision").GetString(), silent.MetaLoraRevision());
        Assert.Null((await service.ClassifyAsync("none")).MetaLoraRevision());
    }

    [Fact]
    public async Task A_form_names_it_in_a_field()
    {
        await using var service = await AdapterService.StartAsync(_folder, "none");
        using var form = EpisodeRequests.Form(
            [
                ("support[cup]", Photographs.Of("cup", 0)),
                ("support[cup]", Photographs.Of("cup", 1)),
                ("support[chair]", Photographs.Of("chair", 0)),
                ("query", Photographs.Of("cup", 2)),
                ("query", Photographs.Of("chair", 3)),
            ],
            metaLora: "one");
        using var response = await service.Client.PostAsync("/classify", form, TestContext.Current.CancellationToken);
        var answer = await response.AnswerAsync();

        Assert.Equal("one", answer.MetaLora());
        Assert.Equal((await service.ClassifyAsync("one")).Predictions(), answer.Predictions());
    }

    [Fact]
    public async Task Embeddings_of_one_are_never_taken_for_those_of_another()
    {
        await using var service = await AdapterService.StartAsync(_folder, "none");
        var first = await service.ClassifyAsync("one");
        var other = await service.ClassifyAsync("two");
        var again = await service.ClassifyAsync("one");

        Assert.Equal((0, 0, 5), (Hits(first), Hits(other), Hits(again)));
        Assert.Equal(first.Predictions(), again.Predictions());

        static int Hits(JsonElement answer) => answer.GetProperty("cache").GetProperty("hits").GetInt32();
    }

    [Fact]
    public async Task An_id_that_is_not_there_is_refused_with_those_that_are()
    {
        await using var service = await AdapterService.StartAsync(_folder, "none");
        using var response = await service.PostAsync("three");
        var problem = await response.IsProblemAsync(422, "unknown-meta-lora", "metaLora");

        Assert.Contains("one, two", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_of_them_than_memory_may_hold_are_all_answered_and_only_so_many_stay_loaded()
    {
        _folder.Add("three", seed: 3);
        await using var service = await AdapterService.StartAsync(_folder, "one", "--Models:MaxLoaded", "2", "--Cache:Bytes", "0");
        string[] asked = ["one", "two", "three", "none", "two", "three", "one", "three"];
        var pure = new Dictionary<string, string>();
        foreach (var id in asked)
        {
            var answer = await service.ClassifyAsync(id);
            Assert.Equal(id, answer.MetaLora());
            Assert.Equal(pure.TryAdd(id, answer.Predictions()) ? answer.Predictions() : pure[id], answer.Predictions());
        }

        Assert.Equal(4, pure.Values.Distinct().Count());
        var model = (await service.GetAsync("/models"))
            .GetProperty("models")
            .EnumerateArray()
            .Single(model => model.GetProperty("default").GetBoolean());
        Assert.Equal(["three", "one"], model.GetProperty("loadedMetaLoras").EnumerateArray().Select(id => id.GetString()));
    }
}
