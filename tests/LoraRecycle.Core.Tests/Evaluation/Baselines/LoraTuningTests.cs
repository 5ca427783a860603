using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Families.Lora;
using LoraRecycle.Core.Evaluation.Methods.Harness;
using LoraRecycle.Core.Evaluation.Methods.Tuned;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Evaluation.Baselines;

public sealed class LoraTuningTests
{
    private static readonly AdamSteps Tuning = new(4, 5e-3);

    [Fact]
    public void Three_episodes_at_once_get_the_loras_that_each_gets_alone()
    {
        using var toy = new ToyBench();
        var episodes = toy.Episodes(3, shots: 2);

        var batched = toy.Logits(new LoraTuning(Tuning, rank: 2, ["q", "fc1"]), episodes);

        for (var i = 0; i < 3; i++)
            Assert.True(allclose(Alone(toy, episodes.Part(i, 1)), batched[i], 1e-3, 1e-3), $"episode {i}");
    }

    [Fact]
    public void Episodes_do_not_depend_on_which_others_run_beside_them()
    {
        using var toy = new ToyBench();
        var method = new LoraTuning(Tuning, rank: 2, ["q", "v"]);
        var episodes = toy.Episodes(3, shots: 1);
        var batched = toy.Logits(method, episodes);
        Assert.True(allclose(toy.Logits(method, episodes.Part(2, 1))[0], batched[2], 1e-4, 1e-4));
        Assert.Equal(batched.data<float>().ToArray(), toy.Logits(method, episodes).data<float>().ToArray());
    }

    [Fact]
    public void The_model_is_bare_and_frozen_afterwards()
    {
        using var toy = new ToyBench();
        var episodes = toy.Episodes(1, shots: 1);
        var before = toy.Embed(episodes.Queries).data<float>().ToArray();
        toy.Logits(new LoraTuning(Tuning, rank: 2, ["q", "v"]), episodes);
        Assert.Equal(before, toy.Embed(episodes.Queries).data<float>().ToArray());
        Assert.All(toy.Model.parameters(), parameter => Assert.Null(parameter.grad));
    }

    [Fact]
    public void Targets_that_no_layer_has_are_refused()
    {
        using var toy = new ToyBench();
        var wrong = Assert.Throws<AdapterException>(() =>
            toy.Logits(new LoraTuning(Tuning, rank: 2, ["query"]), toy.Episodes(1, shots: 1))
        );
        Assert.Contains("query", wrong.Message, StringComparison.Ordinal);
    }

    /// <summary>The same with the product's own LoRA layer and head, an episode by itself.</summary>
    private static Tensor Alone(ToyBench toy, EpisodeSet episode)
    {
        using var generators = new EpisodeGenerators(episode);
        using var adapter = new Adapter(
            "lora",
            "",
            toy.Model.AdaptableLayers.Where(layer =>
                    layer.Name.EndsWith(".q", StringComparison.Ordinal) || layer.Name.EndsWith(".fc1", StringComparison.Ordinal)
                )
                .ToDictionary(
                    layer => layer.Name,
                    LayerAdapter (layer) =>
                        new LoraLayer(
                            layer.Name,
                            generators.Uniform([layer.InFeatures, 2], 1 / Math.Sqrt(layer.InFeatures)).squeeze(0).T.contiguous(),
                            zeros([layer.OutFeatures, 2]),
                            1
                        )
                )
        );
        var length = toy.Model.Config.EmbeddingLength;
        var bound = 1 / Math.Sqrt(length);
        using var head = new ClassificationHead(
            generators.Uniform([length, 3], bound).squeeze(0).T.contiguous(),
            generators.Uniform([1, 3], bound).view(3)
        );
        using var adam = optim.Adam(
            [.. adapter.Layers.Values.SelectMany(layer => layer.parameters()), .. head.parameters()],
            Tuning.LearningRate
        );
        toy.Model.Attach(adapter);
        for (var step = 0; step < Tuning.Steps; step++)
        {
            adam.zero_grad();
            nn.functional.cross_entropy(head.call(toy.Model.call(toy.Bench.Pixels(episode.Support)).Embedding), episode.SupportLabels)
                .backward();
            adam.step();
        }
        using var withoutGrad = no_grad();
        var logits = head.call(toy.Model.call(toy.Bench.Pixels(episode.Queries)).Embedding);
        toy.Model.Detach();
        return logits;
    }
}
