using LoraRecycle.Core.Vision;
using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Models;

public sealed class TokenPruningTests
{
    [Theory]
    [InlineData("clip")]
    [InlineData("vit")]
    [InlineData("dinov2")]
    [InlineData("siglip")]
    public void Tokens_with_the_least_attention_leave_between_attention_and_feed_forward(string family)
    {
        using var golden = new GoldenTransformer(family);
        using var frozen = no_grad();
        const int layer = 1;
        var config = golden.Model.Config;
        var kept = config.PatchCount / 4;
        var output = golden.Model.Run(golden.Pixels, TokenPruning.Parse("1:.75"));

        var hidden = golden.Hidden(layer);
        for (var image = 0; image < golden.Pixels.shape[0]; image++)
        {
            var positions = Attention(golden, layer, hidden[image])
                .Index()
                .OrderByDescending(token => token.Item)
                .Take(kept)
                .Select(token => (long)token.Index)
                .Order()
                .ToArray();
            Assert.Equal(positions, output.Positions![image].data<long>().ToArray());

            // The layer acts on each token alone once attention is done, so leaving before or after its feed-forward part is the same.
            var whole = golden.Model.Blocks[layer].call(hidden[image].unsqueeze(0));
            long[] rows =
            [
                .. Enumerable.Range(0, golden.ClassTokens).Select(row => (long)row),
                .. positions.Select(position => position + golden.ClassTokens),
            ];
            var rest = golden
                .Model.Blocks.Skip(layer + 1)
                .Aggregate(whole.index_select(1, tensor(rows)), (tokens, block) => block.call(tokens));
            var last = config.NormalisesAllTokens ? golden.Model.FinalNorm.call(rest) : rest;
            Assert.True(allclose(last[0], output.LastHiddenState[image], 1e-4, 1e-5));
        }
    }

    [Fact]
    public void Pruning_in_the_last_layer_leaves_the_class_token_as_it_was()
    {
        using var golden = new GoldenTransformer("clip");
        var pruned = golden.Model.Run(golden.Pixels, TokenPruning.Parse("2:.5"));
        Assert.Equal([golden.Pixels.shape[0], 8], pruned.Positions!.shape);
        Assert.Equal([golden.Pixels.shape[0], 9, 64], pruned.LastHiddenState.shape);
        Assert.True(allclose(golden.Model.call(golden.Pixels).Embedding, pruned.Embedding, 1e-4, 1e-5));
    }

    [Fact]
    public void Each_layer_takes_its_share_of_those_still_there_and_positions_stay_those_of_the_image()
    {
        using var golden = new GoldenTransformer("clip");
        var first = golden.Model.Run(golden.Pixels, TokenPruning.Parse("0:.5")).Positions!;
        var both = golden.Model.Run(golden.Pixels, TokenPruning.Parse("0:.5,2:.5")).Positions!;
        Assert.Equal(8, first.shape[1]);
        Assert.Equal(4, both.shape[1]);
        for (var image = 0; image < first.shape[0]; image++)
            Assert.Subset(first[image].data<long>().ToHashSet(), both[image].data<long>().ToHashSet());
    }

    [Fact]
    public void No_pruning_and_no_positions_are_the_plain_forward_pass()
    {
        using var golden = new GoldenTransformer("clip");
        var plain = golden.Model.call(golden.Pixels);
        var none = golden.Model.Run(golden.Pixels, TokenPruning.None);
        Assert.Null(none.Positions);
        Assert.True(allclose(plain.LastHiddenState, none.LastHiddenState, 0, 0));
    }

    [Fact]
    public void Gradients_flow_to_the_pixels_through_pruned_layers()
    {
        using var golden = new GoldenTransformer("clip");
        var pixels = golden.Pixels.clone().requires_grad_();
        golden.Model.Run(pixels, TokenPruning.Parse("1:.5,2:.5")).Embedding.square().sum().backward();
        Assert.True(pixels.grad!.isfinite().all().item<bool>());
        Assert.True(pixels.grad!.flatten(1).abs().amax([1]).gt(0).all().item<bool>());
    }

    [Theory]
    [InlineData("none", "none")]
    [InlineData("11:.75", "11:0.75")]
    [InlineData("8:.3, 3:0.3", "3:0.3,8:0.3")]
    public void Pruning_is_written_as_layers_and_fractions(string text, string canonical) =>
        Assert.Equal(canonical, TokenPruning.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("3")]
    [InlineData("3:1")]
    [InlineData("3:0")]
    [InlineData("-1:.5")]
    [InlineData("3:.5,3:.5")]
    [InlineData("3:NaN")]
    public void What_is_no_pruning_is_refused(string text) => Assert.Throws<FormatException>(() => TokenPruning.Parse(text));

    [Fact]
    public void A_layer_that_the_model_lacks_is_refused()
    {
        using var golden = new GoldenTransformer("clip");
        var error = Assert.Throws<ModelException>(() => golden.Model.Run(golden.Pixels, TokenPruning.Parse("3:.5")));
        Assert.Contains("layers 0 to 2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_share_of_tokens_is_exact_where_it_is_a_whole_number()
    {
        for (var tokens = 1; tokens <= 200; tokens++)
            for (var percent = 1; percent < 100; percent++)
                Assert.Equal(tokens * percent / 100, TokenPruning.Share(tokens, percent / 100.0));
    }

    /// <summary>The attention that each image token of one image gets, by plain loops over heads, queries and keys.</summary>
    private static double[] Attention(GoldenTransformer golden, int layer, Tensor hidden)
    {
        var (block, config) = (golden.Model.Blocks[layer], golden.Model.Config);
        var normed = block.Norm1.call(hidden);
        var (queries, keys) = (block.Query.call(normed).data<float>().ToArray(), block.Key.call(normed).data<float>().ToArray());
        var tokens = (int)hidden.shape[0];
        var received = new double[tokens];
        for (var head = 0; head < config.HeadCount; head++)
            for (var query = 0; query < (config.HasClassToken ? 1 : tokens); query++)
            {
                var weights = Enumerable.Range(0, tokens).Select(key => Math.Exp(Dot(query, key, head))).ToArray();
                for (var key = 0; key < tokens; key++) received[key] += weights[key] / weights.Sum();
            }
        return received[golden.ClassTokens..];

        double Dot(int query, int key, int head) => Enumerable.Range(head * config.HeadSize, config.HeadSize)
            .Sum(i => (double)queries[(query * config.HiddenSize) + i] * keys[(key * config.HiddenSize) + i]) / Math.Sqrt(config.HeadSize);
    }
}
