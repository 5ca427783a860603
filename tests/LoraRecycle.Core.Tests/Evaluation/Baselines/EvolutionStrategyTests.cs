using LoraRecycle.Core.Evaluation.Methods.Harness;
using LoraRecycle.Core.Evaluation.Methods.Mixed;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Evaluation.Baselines;

public sealed class EvolutionStrategyTests
{
    [Fact]
    public void Every_episode_finds_its_own_minimum_within_the_bound()
    {
        using var toy = new ToyBench();
        using var generators = new EpisodeGenerators(toy.Episodes(2, shots: 1));
        var targets = tensor(new float[] { 1, -0.5f, 0.25f, 9, 9, 9 }, [2, 3]);

        var found = new EvolutionStrategy(Evaluations: 400, StepSize: 0.3, Bound: 1.5)
            .Minimise(3, generators, weights => (weights - targets).square().sum(1), ToyBench.Cancellation).data<float>().ToArray();

        Assert.All(found.Zip([1f, -0.5f, 0.25f, 1.5f, 1.5f, 1.5f]), pair => Assert.Equal(pair.Second, pair.First, 0.05f));
    }

    [Fact]
    public void One_evaluation_is_the_start() => Assert.Equal(0, Search(evaluations: 1).abs().sum().item<float>());

    [Fact]
    public void The_same_episodes_give_the_same_weights() =>
        Assert.Equal(Search(20).data<float>().ToArray(), Search(20).data<float>().ToArray());

    private static Tensor Search(int evaluations)
    {
        using var toy = new ToyBench();
        using var generators = new EpisodeGenerators(toy.Episodes(2, shots: 1));
        return new EvolutionStrategy(evaluations, 0.3, 1.5)
            .Minimise(3, generators, weights => (weights - 1).square().sum(1), ToyBench.Cancellation).DetachFromDisposeScope();
    }
}
