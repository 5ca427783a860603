using LoraRecycle.Core.Adapters.Catalog;
using LoraRecycle.Core.Adapters.Families.Lora;
using LoraRecycle.Core.Tests.Adapters;
using LoraRecycle.Core.Vision.Fused;
using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Models;

public sealed class FusedTransformerTests
{
    [Theory]
    [InlineData("clip", "none")]
    [InlineData("clip", "0:.5")]
    [InlineData("clip", "1:.5")]
    [InlineData("vit", "none")]
    [InlineData("dinov2", "0:.3")]
    [InlineData("siglip", "none")]
    [InlineData("siglip", "1:.5")]
    public void Embeddings_and_their_gradients_are_the_models(string family, string pruning)
    {
        using var golden = new GoldenTransformer(family);
        using var fused = new FusedTransformer(golden.Model);
        var leaving = TokenPruning.Parse(pruning);

        var (expected, expectedGradient) = Of(golden.Pixels, pixels => golden.Model.Run(pixels, leaving).Embedding);
        var (found, gradient) = Of(golden.Pixels, pixels => fused.Embed(pixels, leaving));

        Assert.True(allclose(expected, found, 1e-4, 1e-5));
        Assert.True(allclose(expectedGradient, gradient, 1e-3, 1e-4 * expectedGradient.abs().max().item<float>()));
    }

    [Fact]
    public void Each_group_of_images_sees_the_lora_of_its_own()
    {
        using var golden = new GoldenTransformer("clip");
        string[] names = ["lora_qv", "rslora_all", "lora_bias"];
        var loras = names
            .Select(name => AdapterCatalog.Default.Load(GoldenModel.AdapterPath("clip", name), golden.Model.AdaptableLayers))
            .ToArray();
        using var group = LoraGroup.Stack(loras, golden.Model.AdaptableLayers, CPU, ScalarType.Float32);
        golden.Model.Attach(group);
        using var fused = new FusedTransformer(golden.Model);
        var batched = fused.Embed(cat([golden.Pixels, golden.Pixels, golden.Pixels]), TokenPruning.None).chunk(3);

        for (var i = 0; i < loras.Length; i++)
        {
            golden.Model.Attach(loras[i]);
            Assert.True(allclose(golden.Model.call(golden.Pixels).Embedding, batched[i], 1e-4, 1e-5), names[i]);
            loras[i].Dispose();
        }
    }

    private static (Tensor Value, Tensor Gradient) Of(Tensor images, Func<Tensor, Tensor> embed)
    {
        var pixels = images.clone().requires_grad_();
        var value = embed(pixels);
        value.square().sum().backward();
        return (value.detach(), pixels.grad!);
    }
}
