using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Evaluation.Methods.Frozen;
using LoraRecycle.Core.Evaluation.Methods.Harness;
using LoraRecycle.Core.Evaluation.Methods.Tuned;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Evaluation.Baselines;

public sealed class FullTuningTests
{
    private static readonly AdamSteps Tuning = new(3, 1e-3);

    [Theory]
    [InlineData("clip")]
    [InlineData("vit")]
    [InlineData("dinov2")]
    [InlineData("siglip")]
    public void Copies_of_a_model_of_any_family_embed_as_the_model_does(string family)
    {
        using var toy = new ToyBench(family);
        using var copies = new EpisodeTransformers(toy.Model, episodes: 2);
        var rows = toy.Episodes(2, shots: 2).Support;
        using var withoutGrad = no_grad();
        Assert.True(allclose(toy.Embed(rows), copies.Embed(toy.Bench.Pixels(rows)), 1e-3, 1e-4));
        Assert.Equal(2 * toy.Model.parameters().Sum(parameter => parameter.numel()), copies.Parameters.Sum(parameter => parameter.numel()));
    }

    [Fact]
    public void Two_episodes_at_once_get_the_models_that_tuning_the_model_itself_gives_each()
    {
        using var toy = new ToyBench();
        var episodes = toy.Episodes(2, shots: 2);

        var batched = toy.Logits(new FullTuning(Tuning), episodes);

        for (var i = 0; i < 2; i++)
        {
            using var alone = new ToyBench();
            var expected = TuneItself(alone, alone.Episodes(2, shots: 2).Part(i, 1));
            Assert.True(
                allclose(expected, batched[i], 1e-2, 1e-2),
                $"episode {i}: off by {(expected - batched[i]).abs().max().item<float>()}"
            );
        }
    }

    [Fact]
    public void Heads_learn_at_their_own_rate_over_a_model_that_hardly_moves()
    {
        using var toy = new ToyBench();
        var episodes = toy.Episodes(2, shots: 2);
        var probe = toy.Logits(new LinearProbe(FrozenModelChoice.Bare("linear", "linear probe"), new AdamSteps(5, 1e-2)), episodes);
        var tuned = toy.Logits(new FullTuning(new AdamSteps(5, 1e-12) { HeadLearningRate = 1e-2 }), episodes);
        Assert.True(allclose(probe, tuned, 1e-3, 1e-3));
    }

    [Fact]
    public void The_model_itself_stays_as_it_was()
    {
        using var toy = new ToyBench();
        var episodes = toy.Episodes(1, shots: 1);
        var before = toy.Embed(episodes.Queries).data<float>().ToArray();
        toy.Logits(new FullTuning(Tuning), episodes);
        Assert.Equal(before, toy.Embed(episodes.Queries).data<float>().ToArray());
    }

    [Fact]
    public void Copies_never_take_more_memory_than_they_may()
    {
        using var toy = new ToyBench();
        var shape = toy.Episodes(1, shots: 1).Shape;
        var bytes = 20 * toy.Model.parameters().Sum(parameter => parameter.numel());
        // At most 100 images at once, 3 of an episode.
        Assert.Equal((1, 3, 33), (BatchSize(bytes / 2), BatchSize((3 * bytes) + 1), BatchSize(long.MaxValue)));

        int BatchSize(long budget)
        {
            using var learner = new FullTuning(Tuning).Prepare(
                toy.Bench with
                {
                    BytesOfCopies = budget,
                },
                progress: null,
                ToyBench.Cancellation
            );
            return learner.BatchSize(shape);
        }
    }

    private static Tensor TuneItself(ToyBench toy, EpisodeSet episode)
    {
        using var generators = new EpisodeGenerators(episode);
        var length = toy.Model.Config.EmbeddingLength;
        var bound = 1 / Math.Sqrt(length);
        using var head = new ClassificationHead(
            generators.Uniform([length, 3], bound).squeeze(0).T.contiguous(),
            generators.Uniform([1, 3], bound).view(3)
        );
        foreach (var parameter in toy.Model.parameters())
            parameter.requires_grad = true;
        using var adam = optim.Adam([.. toy.Model.parameters(), .. head.parameters()], Tuning.LearningRate);
        for (var step = 0; step < Tuning.Steps; step++)
        {
            adam.zero_grad();
            nn.functional.cross_entropy(head.call(toy.Model.call(toy.Bench.Pixels(episode.Support)).Embedding), episode.SupportLabels)
                .backward();
            adam.step();
        }
        using var withoutGrad = no_grad();
        return head.call(toy.Model.call(toy.Bench.Pixels(episode.Queries)).Embedding);
    }
}
