using LoraRecycle.Core.Evaluation.Methods.Frozen;
using LoraRecycle.Core.Evaluation.Methods.Harness;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Evaluation.Baselines;

public sealed class LinearProbeTests
{
    private static readonly AdamSteps Tuning = new(30, 1e-2);

    [Fact]
    public void Each_episode_gets_the_head_that_a_plain_loop_gives_it()
    {
        using var toy = new ToyBench();
        var episodes = toy.Episodes(3, shots: 2);

        var batched = toy.Logits(new LinearProbe(FrozenModelChoice.Bare("linear", "linear probe"), Tuning), episodes);

        for (var i = 0; i < 3; i++)
        {
            var episode = episodes.Part(i, 1);
            var (support, queries) = (toy.Embed(episode.Support).squeeze(0), toy.Embed(episode.Queries).squeeze(0));
            using var generators = new EpisodeGenerators(episode);
            var bound = 1 / Math.Sqrt(support.shape[1]);
            var weight = nn.Parameter(generators.Uniform([support.shape[1], 3], bound).squeeze(0).T.contiguous());
            var bias = nn.Parameter(generators.Uniform([1, 3], bound).view(3));
            using var adam = optim.Adam([weight, bias], Tuning.LearningRate);
            for (var step = 0; step < Tuning.Steps; step++)
            {
                adam.zero_grad();
                nn.functional.cross_entropy(nn.functional.linear(support, weight, bias), episode.SupportLabels).backward();
                adam.step();
            }
            Assert.True(allclose(nn.functional.linear(queries, weight, bias), batched[i], 1e-3, 1e-3), $"episode {i}");
        }
    }

    [Fact]
    public void It_learns_the_support_set()
    {
        using var toy = new ToyBench();
        var episodes = toy.Episodes(4, shots: 3);
        var learnt = toy.Logits(
            new LinearProbe(FrozenModelChoice.Bare("linear", "linear probe"), Tuning),
            episodes with
            {
                Queries = episodes.Support,
            }
        );
        Assert.Equal(1, learnt.argmax(-1).eq(episodes.SupportLabels).to(float32).mean().item<float>());
    }
}
