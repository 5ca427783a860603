using LoraRecycle.Core.DataSets;
using LoraRecycle.Core.Evaluation.Methods;
using LoraRecycle.Core.Evaluation.Methods.Harness;
using LoraRecycle.Core.Evaluation.Methods.Tuned;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Evaluation.Baselines;

public sealed class RealEpisodesTests
{
    private static readonly RealEpisodes Training = new()
    {
        LearningRate = 3e-3,
        Steps = 12,
        EpisodesPerStep = 2,
        Ways = 4,
        Shots = [1, 2],
        Queries = 4,
        Flips = false,
    };

    [Theory]
    [InlineData("pmf")]
    [InlineData("real-meta")]
    public void Meta_training_on_real_classes_beats_the_bare_model_on_their_episodes(string name)
    {
        using var toy = new ToyBench();
        var episodes = toy.Episodes(20, shots: 1);
        var settings = new BaselineSettings
        {
            Pmf = Training,
            RealMeta = new()
            {
                Iterations = 30,
                PeakLearningRate = 2e-2,
                EpisodesPerStep = 2,
                InterpolationWays = 4,
                Shots = [1, 2],
                Queries = 4,
                InterpolationShare = 1,
                Augmentation = new() { Mirror = false },
            },
        };
        var before = toy.Embed(episodes.Queries).data<float>().ToArray();

        var comparison = new Comparison(toy.Bench, [episodes]);
        var (bare, trained) = (Run("nn"), Run(name));

        Assert.True(trained.Accuracy > bare.Accuracy + 0.05, $"{trained.Accuracy} is not clearly above {bare.Accuracy}");
        Assert.Equal(trained.Accuracy - bare.Accuracy, trained.OverNearestPrototype!.Value, 1e-12);
        Assert.Equal(before, toy.Embed(episodes.Queries).data<float>().ToArray());

        ShapeResult Run(string method) =>
            comparison.Run(MethodCatalog.Create(method, settings).Single(), cancellation: ToyBench.Cancellation).Results.Single();
    }

    [Fact]
    public void Pmf_without_steps_is_the_bare_model()
    {
        using var toy = new ToyBench();
        var (episodes, none) = (toy.Episodes(2, shots: 2), Training with { Steps = 0 });
        var expected = Prototypes.Logits(toy.Embed(episodes.Support), toy.Embed(episodes.Queries), ways: 3).to(float64);
        Assert.True(allclose(expected, toy.Logits(new Pmf(none, new AdamSteps(0, 1e-3), seed: 1), episodes), 1e-3, 1e-3));
    }

    [Fact]
    public void Tuning_on_a_task_changes_its_answers_and_no_other_tasks()
    {
        using var toy = new ToyBench();
        var episodes = toy.Episodes(2, shots: 1);
        var method = new Pmf(Training with { Steps = 0 }, new AdamSteps(3, 1e-3), seed: 1);
        var tuned = toy.Logits(method, episodes);
        Assert.False(allclose(Prototypes.Logits(toy.Embed(episodes.Support), toy.Embed(episodes.Queries), ways: 3), tuned, 1e-2, 1e-2));
        Assert.True(allclose(tuned[1], toy.Logits(method, episodes.Part(1, 1))[0], 1e-3, 1e-3));
        Assert.True(method.Uses.HasFlag(DataUse.SupportTuning));
    }

    [Theory]
    [InlineData("pmf")]
    [InlineData("real-meta")]
    public void Training_classes_that_are_too_small_are_refused_before_any_work(string name)
    {
        ImageClass[] small = [new("a", ["a/1.png"]), new("b", ["b/1.png"])];
        Assert.Throws<DataSetException>(() => new BaselineSettings().RequireFits([name], small));
        Assert.Throws<DataSetException>(() => new BaselineSettings().RequireFits([name], small[..1]));
        new BaselineSettings().RequireFits(["nn"], []);
    }
}
