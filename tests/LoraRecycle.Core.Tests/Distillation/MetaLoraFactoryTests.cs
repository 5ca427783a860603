using LoraRecycle.Core.Adapters.Families.Lora;
using LoraRecycle.Core.Method.Distillation;
using LoraRecycle.Core.Method.Distillation.Training;
using LoraRecycle.Core.Tests.Inversion;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Distillation;

public class MetaLoraFactoryTests
{
    [Fact]
    public void A_start_from_zero_is_the_bare_model()
    {
        using var fixture = new InversionFixture();
        using var scope = NewDisposeScope();
        using var meta = MetaLoraFactory.Zero(fixture.Model, new DistillationSettings(), CPU);
        var images = randn([2, 3, 32, 32]);
        var bare = fixture.Model.call(images).Embedding;
        fixture.Model.Attach(meta);
        Assert.True(allclose(fixture.Model.call(images).Embedding, bare));
    }

    [Fact]
    public void A_start_from_the_sum_is_the_sum_where_the_rank_is_enough_for_it()
    {
        using var fixture = new InversionFixture();
        using var scope = NewDisposeScope();
        var lora = fixture.Source("lora_qv").Adapter;
        using var meta = MetaLoraFactory.Sum(
            fixture.Model,
            [lora, lora],
            new DistillationSettings
            {
                Rank = 4,
                Alpha = 8,
                StartWeight = 0.5,
                Targets = ["q", "v"],
            },
            CPU
        );
        foreach (var (name, layer) in meta.Layers)
        {
            var (made, original) = ((LoraLayer)layer, (LoraLayer)lora.Layers[name]);
            var expected = original.B.matmul(original.A) * original.Scale; // twice it, at weight one half
            Assert.True(allclose(made.B.matmul(made.A) * made.Scale, expected, rtol: 1e-4, atol: 1e-6), name);
        }
    }

    [Fact]
    public void What_the_sum_does_not_fill_can_still_learn()
    {
        using var fixture = new InversionFixture();
        using var scope = NewDisposeScope();
        using var meta = MetaLoraFactory.Sum(
            fixture.Model,
            [fixture.Source("lora_qv").Adapter],
            new DistillationSettings
            {
                Rank = 8,
                Alpha = 8,
                Targets = ["q", "k"],
            },
            CPU
        );
        foreach (var layer in meta.Layers.Values.Cast<LoraLayer>())
        {
            // With A and B both zero there is no gradient, ever.
            var dead = layer.A.abs().amax([1]).eq(0).logical_and(layer.B.abs().amax([0]).eq(0));
            Assert.False(dead.any().item<bool>());
        }
        var untouched = (LoraLayer)meta.Layers["layers.0.k"];
        Assert.Equal(0, untouched.B.matmul(untouched.A).abs().max().item<float>());
    }

    [Fact]
    public void The_usual_start_is_a_few_times_the_average_and_never_more_than_the_sum()
    {
        Assert.Equal(0.1, DistillationSettings.UsualStartWeight(36), 1e-9);
        Assert.Equal(1, DistillationSettings.UsualStartWeight(2));
        Assert.Equal(1, DistillationSettings.UsualStartWeight(0));
    }

    [Fact]
    public void Targets_that_no_layer_has_are_refused()
    {
        using var fixture = new InversionFixture();
        var error = Assert.Throws<ArgumentException>(() =>
            MetaLoraFactory.Zero(fixture.Model, new DistillationSettings { Targets = ["query"] }, CPU)
        );
        Assert.Contains("query", error.Message, StringComparison.Ordinal);
    }
}
