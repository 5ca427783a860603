using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Algebra;
using LoraRecycle.Core.Adapters.Catalog;
using LoraRecycle.Core.Evaluation.Methods.Frozen;
using LoraRecycle.Core.Evaluation.Methods.Harness;
using LoraRecycle.Core.Evaluation.Methods.Mixed;
using LoraRecycle.Core.Tests.Adapters;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Evaluation.Baselines;

public sealed class MixedLorasTests
{
    private static readonly AdamSteps NoTuning = new(0, 1e-3);

    [Fact]
    public void A_weight_of_one_on_a_lora_and_none_on_the_others_is_that_lora()
    {
        using var toy = new ToyBench("clip", ToyBench.LoraNames);
        var weights = eye(4);
        var mixed = Mixed(toy, weights, toy.Episodes(4, shots: 2).Support);
        foreach (var (index, lora) in toy.Bench.Loras.Index())
            Assert.True(
                allclose(toy.Embed(toy.Episodes(4, shots: 2).Support, lora)[index], mixed[index], 1e-3, 1e-4),
                ToyBench.LoraNames[index]
            );
    }

    [Fact]
    public void Any_weights_are_the_merged_sum_of_the_weighted_deltas()
    {
        using var toy = new ToyBench("clip", ToyBench.LoraNames);
        var rows = toy.Episodes(1, shots: 2).Support;
        float[] weights = [0.3f, -0.5f, 0.7f, 0.1f];

        var layers = toy.Model.AdaptableLayers.Where(layer => layer.Part is not null);
        using var sum = new Adapter("sum", "", layers.ToDictionary(layer => layer.Name, LayerAdapter (layer) =>
        {
            var frozen = toy.Model.LinearOf(layer);
            var (total, bias) = (zeros_like(frozen.Weight), zeros_like(frozen.Bias!));
            foreach (var (index, lora) in toy.Bench.Loras.Index())
            {
                if (!lora.Layers.TryGetValue(layer.Name, out var adapted)) continue;
                var (merged, mergedBias) = adapted.Merge(frozen.Weight, frozen.Bias);
                total = total + (merged - frozen.Weight) * weights[index];
                bias = bias + (mergedBias! - frozen.Bias!) * weights[index];
            }
            return new DeltaLayer(layer.Name, total.detach(), bias.detach());
        }));

        Assert.True(allclose(toy.Embed(rows, sum), Mixed(toy, tensor(weights).unsqueeze(0), rows), 1e-3, 1e-4));
    }

    [Fact]
    public void Lorahub_that_may_look_only_once_is_the_linear_probe_of_the_bare_model()
    {
        using var toy = new ToyBench("clip", ToyBench.LoraNames);
        var (episodes, head) = (toy.Episodes(2, shots: 2), new AdamSteps(20, 1e-2));
        // The search's noise is drawn before the head's start, so the heads differ in it; the embeddings do not.
        var hub = toy.Logits(new LoraHub(evaluations: 1, stepSize: 0.1, NoTuning), episodes);
        Assert.Equal([2, 9, 3], hub.shape);
        using var generators = new EpisodeGenerators(episodes);
        generators.Normal([1, 4]);
        var expected = LinearProbe.Fit(
            episodes,
            generators,
            toy.Embed(episodes.Support),
            toy.Embed(episodes.Queries),
            NoTuning,
            ToyBench.Cancellation
        );
        Assert.True(allclose(expected, hub, 1e-3, 1e-4));
        Assert.False(allclose(expected, toy.Logits(new LoraHub(evaluations: 1, stepSize: 0.1, head), episodes), 1e-3, 1e-3));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Lorahub_finds_weights_with_a_lower_loss_than_it_starts_at(int shots)
    {
        using var toy = new ToyBench("clip", ToyBench.LoraNames);
        var episodes = toy.Episodes(3, shots);
        using var generators = new EpisodeGenerators(episodes);
        var losses = new List<float>();
        new EvolutionStrategy(Evaluations: 12, StepSize: 0.3, Bound: 1.5).Minimise(4, generators, weights =>
        {
            var support = Mixed(toy, weights, episodes.Support);
            var loss = LoraHub.PrototypeLoss(support, shots == 1 ? support * 0.9 : null, ways: 3);
            losses.Add(loss.sum().item<float>());
            return loss;
        }, ToyBench.Cancellation);
        Assert.Equal(12, losses.Count);
        Assert.True(losses.Min() < losses[0], $"{losses.Min()} is not below {losses[0]}");
    }

    [Fact]
    public void The_loss_of_several_shots_leaves_each_image_out_of_its_own_prototype()
    {
        using var scope = NewDisposeScope();
        var support = randn([1, 6, 5], generator: new Generator(3));
        var expected = new List<float>();
        for (var i = 0; i < 6; i++)
        {
            var distances = Enumerable.Range(0, 2).Select(way =>
            {
                var others = Enumerable.Range(way * 3, 3).Where(image => image != i).Select(image => support[0][image]);
                return (support[0][i] - stack(others).mean([0])).square().sum();
            });
            expected.Add(nn.functional.cross_entropy(stack(distances).neg().unsqueeze(0), tensor(new long[] { i / 3 })).item<float>());
        }
        Assert.Equal(expected.Average(), LoraHub.PrototypeLoss(support, mirrored: null, ways: 2).item<float>(), 1e-4);
    }

    [Fact]
    public void A_mixture_of_one_lora_is_that_lora_under_a_linear_head()
    {
        using var toy = new ToyBench("clip", "lora_bias");
        var (episodes, tuning) = (toy.Episodes(2, shots: 2), new AdamSteps(10, 1e-2));
        var expected = toy.Logits(new LinearProbe(FrozenModelChoice.Average("avg-linear", "of one"), tuning), episodes);
        Assert.True(allclose(expected, toy.Logits(new MixtureOfLoras(tuning), episodes), 1e-2, 1e-3));
    }

    [Fact]
    public void Gates_start_at_the_average_and_learn()
    {
        using var toy = new ToyBench("clip", ToyBench.LoraNames);
        var episodes = toy.Episodes(2, shots: 2);
        var average = toy.Logits(new LinearProbe(FrozenModelChoice.Average("avg-linear", "average"), NoTuning), episodes);
        Assert.True(allclose(average, toy.Logits(new MixtureOfLoras(NoTuning), episodes), 1e-2, 1e-3));

        // Far enough for the gates to leave the average, by heads of the same number of steps.
        var tuning = new AdamSteps(10, 5e-2);
        var probe = toy.Logits(new LinearProbe(FrozenModelChoice.Average("avg-linear", "average"), tuning), episodes);
        Assert.False(allclose(probe, toy.Logits(new MixtureOfLoras(tuning), episodes), 1e-2, 1e-2));
    }

    [Fact]
    public void Adapters_that_are_no_plain_loras_cannot_be_mixed()
    {
        using var toy = new ToyBench();
        using var dora = AdapterCatalog.Default.Load(GoldenModel.AdapterPath("clip", "dora_all"), toy.Model.AdaptableLayers);
        var wrong = Assert.Throws<AdapterException>(() =>
            new MixtureOfLoras(NoTuning).Prepare(toy.Bench with { Loras = [dora] }, null, ToyBench.Cancellation)
        );
        Assert.Contains("DoraLayer", wrong.Message, StringComparison.Ordinal);
    }

    private static Tensor Mixed(ToyBench toy, Tensor weights, Tensor rows)
    {
        using var mixed = MixedLoras.Of(toy.Model, toy.Bench.Loras);
        foreach (var layer in mixed.Layers.Values) ((MixedLorasLayer)layer).Weights = weights;
        return toy.Embed(rows, mixed);
    }
}
