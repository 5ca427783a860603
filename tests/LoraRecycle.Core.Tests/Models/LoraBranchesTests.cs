using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Families.Lora;
using LoraRecycle.Core.Vision.Fused;
using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Models;

/// <summary>A LoRA that is trained beside a model in its frozen form learns what it would learn beside the plain one.</summary>
public sealed class LoraBranchesTests
{
    public static TheoryData<string> Kinds => TinyTransformer.Kinds;

    [Theory]
    [InlineData("clip")]
    [InlineData("vit")]
    [InlineData("dinov2")]
    [InlineData("siglip")]
    public void A_trained_lora_has_the_embeddings_and_gradients_of_the_plain_model(string family)
    {
        using var golden = new GoldenTransformer(family);
        AssertSame(golden.Model, golden.Pixels);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void So_it_has_with_gates_rotations_and_other_leading_tokens(string kind)
    {
        using var scope = NewDisposeScope();
        using var model = TinyTransformer.Of(kind);
        AssertSame(model, TinyTransformer.Pixels());
    }

    private static void AssertSame(VisionTransformer model, Tensor pixels)
    {
        using var scope = NewDisposeScope();
        using var adapter = Lora(model);
        using var attached = model.Attach(adapter);
        using var fused = new FusedTransformer(model, train: true);
        var some = tensor(new long[] { 0, 2, 3 }).unsqueeze(0).expand(pixels.shape[0], -1);
        foreach (var entering in new[] { null, some })
        {
            var (expected, gradients) = Of(seen => model.Run(seen, positions: entering).Embedding);
            var (found, fusedGradients) = Of(seen => fused.Embed(seen, entering: entering));
            Assert.True(allclose(expected, found, 1e-4, 1e-5));
            Assert.All(gradients.Zip(fusedGradients), pair =>
                Assert.True(allclose(pair.First, pair.Second, 1e-3, 1e-4 * pair.First.abs().max().item<float>())));
        }

        (Tensor Value, Tensor[] Gradients) Of(Func<Tensor, Tensor> embed)
        {
            var seen = pixels.clone().requires_grad_();
            var value = embed(seen);
            var trained = adapter.Layers.Values.SelectMany(layer => layer.parameters());
            return (value.detach(), [.. autograd.grad([value.square().sum()], [seen, .. trained])]);
        }
    }

    /// <summary>Not every layer has one, and ranks differ, so that it shows when what stands side by side is mixed up.</summary>
    private static Adapter Lora(VisionTransformer model)
    {
        using var generator = new Generator(11);
        var adapted = model.AdaptableLayers.Where(layer => layer.Part != "k").Index();
        return new Adapter("lora", "", adapted.ToDictionary(
            entry => entry.Item.Name,
            LayerAdapter (entry) => new LoraLayer(
                entry.Item.Name,
                Random(2 + (entry.Index % 3), entry.Item.InFeatures),
                Random(entry.Item.OutFeatures, 2 + (entry.Index % 3)),
                scale: 0.5),
            StringComparer.Ordinal));

        Tensor Random(long rows, long columns) => randn([rows, columns], generator: generator) * 0.2;
    }
}
