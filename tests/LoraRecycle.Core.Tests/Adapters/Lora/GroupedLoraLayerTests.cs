using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Catalog;
using LoraRecycle.Core.Adapters.Families.Lora;
using LoraRecycle.Core.Tests.Models;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Adapters.Lora;

public sealed class GroupedLoraLayerTests
{
    /// <summary>Different ranks, different targets, one with biases of its own.</summary>
    private static readonly string[] Members = ["lora_qv", "rslora_all", "lora_bias", "lora_rank_pattern"];

    [Fact]
    public void Each_lora_acts_on_its_own_images_as_it_does_alone()
    {
        using var golden = new GoldenTransformer("clip");
        using var frozen = no_grad();
        var loras = Load(golden);
        using var group = LoraGroup.Stack(loras, golden.Model.AdaptableLayers, CPU, ScalarType.Float32);
        var batch = randn([loras.Length * 2, 3, 32, 32], generator: new Generator(1));
        golden.Model.Attach(group);
        var batched = golden.Model.call(batch).Embedding;

        for (var i = 0; i < loras.Length; i++)
        {
            golden.Model.Attach(loras[i]);
            var alone = golden.Model.call(batch.narrow(0, i * 2, 2)).Embedding;
            Assert.True(allclose(alone, batched.narrow(0, i * 2, 2), 1e-4, 1e-5), Members[i]);
        }
        golden.Model.Detach();
        Array.ForEach(loras, lora => lora.Dispose());
    }

    [Fact]
    public void Gradients_of_the_pixels_are_those_of_each_lora_alone()
    {
        using var golden = new GoldenTransformer("clip");
        var loras = Load(golden);
        using var group = LoraGroup.Stack(loras, golden.Model.AdaptableLayers, CPU, ScalarType.Float32);
        var batch = randn([loras.Length, 3, 32, 32], generator: new Generator(2));
        var batched = GradientOf(batch, group);
        for (var i = 0; i < loras.Length; i++)
            Assert.InRange(
                Formula.RelativeError(batched.narrow(0, i, 1).contiguous(), GradientOf(batch.narrow(0, i, 1), loras[i])),
                0,
                1e-4
            );
        Assert.All(group.Layers.Values, layer => Assert.Empty(layer.parameters()));
        golden.Model.Detach();
        Array.ForEach(loras, lora => lora.Dispose());

        Tensor GradientOf(Tensor images, Adapter adapter)
        {
            golden.Model.Attach(adapter);
            var pixels = images.clone().requires_grad_();
            return autograd.grad([golden.Model.call(pixels).Embedding.square().sum()], [pixels])[0];
        }
    }

    [Fact]
    public void A_batch_that_cannot_be_shared_out_is_refused()
    {
        using var golden = new GoldenTransformer("clip");
        var loras = Load(golden);
        using var group = LoraGroup.Stack(loras, golden.Model.AdaptableLayers, CPU, ScalarType.Float32);
        golden.Model.Attach(group);
        Assert.Throws<ArgumentException>(() => golden.Model.call(zeros([5, 3, 32, 32])));
        golden.Model.Detach();
        Array.ForEach(loras, lora => lora.Dispose());
    }

    [Fact]
    public void Adapters_that_are_no_plain_loras_are_refused_by_layer()
    {
        using var golden = new GoldenTransformer("clip");
        using var dora = AdapterCatalog.Default.Load(GoldenModel.AdapterPath("clip", "dora_all"), golden.Model.AdaptableLayers);
        var error = Assert.Throws<AdapterException>(() => LoraGroup.Stack([dora], golden.Model.AdaptableLayers, CPU, ScalarType.Float32));
        Assert.Contains("DoraLayer", error.Message, StringComparison.Ordinal);
    }

    private static Adapter[] Load(GoldenTransformer golden) =>
        [.. Members.Select(name => AdapterCatalog.Default.Load(GoldenModel.AdapterPath("clip", name), golden.Model.AdaptableLayers))];
}
