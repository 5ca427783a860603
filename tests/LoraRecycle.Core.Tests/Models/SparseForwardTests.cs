using LoraRecycle.Core.Vision;
using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Models;

public sealed class SparseForwardTests
{
    [Theory]
    [InlineData("clip")]
    [InlineData("vit")]
    [InlineData("dinov2")]
    [InlineData("siglip")]
    public void All_positions_give_the_whole_forward_pass(string family)
    {
        using var golden = new GoldenTransformer(family);
        var all = arange(golden.Model.Config.PatchCount, ScalarType.Int64).unsqueeze(0).repeat(golden.Pixels.shape[0], 1);
        var sparse = golden.Model.Run(golden.Pixels, positions: all);
        Assert.True(allclose(golden.Model.call(golden.Pixels).LastHiddenState, sparse.LastHiddenState, 1e-4, 1e-5));
    }

    [Theory]
    [InlineData("clip")]
    [InlineData("siglip")]
    public void Chosen_patches_enter_with_the_positions_of_their_places(string family)
    {
        using var golden = new GoldenTransformer(family);
        var positions = Positions(golden);
        var sparse = golden.Model.Embeddings.Sparse(golden.Pixels, positions);
        var whole = golden.Model.Embeddings.call(golden.Pixels);
        for (var image = 0; image < positions.shape[0]; image++)
        {
            var rows = cat([arange(golden.ClassTokens, ScalarType.Int64), positions[image] + golden.ClassTokens]);
            Assert.True(allclose(whole[image].index_select(0, rows), sparse[image], 1e-4, 1e-5));
        }
    }

    [Fact]
    public void No_gradient_reaches_a_patch_that_did_not_enter()
    {
        using var golden = new GoldenTransformer("clip");
        var pixels = golden.Pixels.clone().requires_grad_();
        var positions = Positions(golden);
        golden.Model.Run(pixels, positions: positions).Embedding.square().sum().backward();

        // [batch, patches]: the largest gradient in each 8 x 8 patch of the 32 x 32 image.
        var largest = pixels.grad!.abs().view(-1, 3, 4, 8, 4, 8).amax([1, 3, 5]).flatten(1);
        for (var image = 0; image < positions.shape[0]; image++)
            Assert.Equal(
                positions[image].data<long>().ToHashSet(),
                largest[image].data<float>().ToArray().Index().Where(patch => patch.Item > 0).Select(patch => (long)patch.Index).ToHashSet()
            );
    }

    [Fact]
    public void Tokens_that_entered_may_leave_on_the_way()
    {
        using var golden = new GoldenTransformer("clip");
        var positions = Positions(golden);
        var kept = golden.Model.Run(golden.Pixels, TokenPruning.Parse("1:.4"), positions).Positions!;
        Assert.Equal(3, kept.shape[1]);
        for (var image = 0; image < positions.shape[0]; image++)
            Assert.Subset(positions[image].data<long>().ToHashSet(), kept[image].data<long>().ToHashSet());
    }

    [Fact]
    public void Saliency_is_the_last_layers_attention_to_each_patch()
    {
        using var golden = new GoldenTransformer("clip");
        var saliency = golden.Model.Saliency(golden.Pixels);
        Assert.Equal([golden.Pixels.shape[0], 16], saliency.shape);
        var best = golden.Model.Run(golden.Pixels, TokenPruning.Parse("2:.75")).Positions!;
        Assert.True(allclose(saliency.topk(4, 1).indexes.sort(1).Values, best, 0, 0));
    }

    [Fact]
    public void Positions_of_another_batch_are_refused()
    {
        using var golden = new GoldenTransformer("clip");
        var error = Assert.Throws<ModelException>(() => golden.Model.Run(golden.Pixels, positions: zeros([1, 2], ScalarType.Int64)));
        Assert.Contains("positions", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Five different patches for each image, other ones in each.</summary>
    private static Tensor Positions(GoldenTransformer golden) =>
        stack(Enumerable.Range(0, (int)golden.Pixels.shape[0]).Select(image => tensor(new long[] { image, 3 + image, 7, 10, 15 - image })));
}
