using LoraRecycle.Core.Evaluation.Methods.Tuned;
using LoraRecycle.Core.Vision;
using LoraRecycle.Core.Vision.Fused;
using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Models;

/// <summary>Leading tokens, rotations and gates: every form that a model is run in computes the same.</summary>
public sealed class TinyTransformerTests
{
    public static TheoryData<string> Kinds => TinyTransformer.Kinds;

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_plan_and_copies_of_the_model_embed_as_the_model_does(string kind)
    {
        using var scope = NewDisposeScope();
        using var model = TinyTransformer.Of(kind);
        var pixels = TinyTransformer.Pixels();
        var expected = model.call(pixels);
        using var plan = new FusedEmbedder(model, CPU);
        Assert.True(allclose(expected.Embedding, plan.call(pixels), 1e-4, 1e-5));
        Assert.Equal([2, model.Config.TokenCount, 32], expected.LastHiddenState.shape);
        Assert.Equal(expected.LastHiddenState[TensorIndex.Colon, 0].data<float>().ToArray(), expected.Embedding.data<float>().ToArray());

        using var copies = new EpisodeTransformers(model, episodes: 2);
        Assert.True(allclose(expected.Embedding, copies.Embed(cat([pixels, pixels]))[1], 1e-4, 1e-5));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_frozen_form_gives_embeddings_and_gradients_of_the_model_where_tokens_leave_twice(string kind)
    {
        using var scope = NewDisposeScope();
        using var model = TinyTransformer.Of(kind);
        using var frozen = new FusedTransformer(model);
        foreach (var pruning in new[] { "none", "0:.5", "0:.5,1:.5", "1:.5" })
        {
            var leaving = TokenPruning.Parse(pruning);
            var (expected, expectedGradient) = Of(pixels => model.Run(pixels, leaving).Embedding);
            var (found, gradient) = Of(pixels => frozen.Embed(pixels, leaving));
            Assert.True(allclose(expected, found, 1e-4, 1e-5), pruning);
            Assert.True(allclose(expectedGradient, gradient, 1e-3, 1e-4 * expectedGradient.abs().max().item<float>()), pruning);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void All_positions_are_the_whole_pass_and_some_are_those_of_their_places(string kind)
    {
        using var scope = NewDisposeScope();
        using var model = TinyTransformer.Of(kind);
        var pixels = TinyTransformer.Pixels();
        var all = arange(16, ScalarType.Int64).unsqueeze(0).repeat(2, 1);
        Assert.True(allclose(model.call(pixels).LastHiddenState, model.Run(pixels, positions: all).LastHiddenState, 1e-4, 1e-5));

        // Which patches are given does not depend on the order in which they are.
        var some = tensor(new long[] { 1, 4, 6, 15, 2, 3, 8, 9 }).view(2, 4);
        var (one, other) = (model.Run(pixels, positions: some).Embedding, model.Run(pixels, positions: some.flip(1)).Embedding);
        Assert.True(allclose(one, other, 1e-4, 1e-5));
        Assert.False(allclose(one, model.Run(pixels, positions: some + 0 * some).Embedding * 1.01, 1e-4, 1e-5));
    }

    [Fact]
    public void Leading_tokens_come_in_their_order_and_registers_have_no_position()
    {
        using var scope = NewDisposeScope();
        using var deit = TinyTransformer.Of("distillation token");
        var embeddings = deit.Embeddings;
        var tokens = embeddings.call(TinyTransformer.Pixels(1));
        Assert.True(allclose(tokens.narrow(1, 0, 1), embeddings.ClassToken! + embeddings.Position!.narrow(1, 0, 1)));
        Assert.True(allclose(tokens.narrow(1, 1, 1), embeddings.DistillationToken! + embeddings.Position!.narrow(1, 1, 1)));

        using var registers = TinyTransformer.Of("registers");
        embeddings = registers.Embeddings;
        tokens = embeddings.call(TinyTransformer.Pixels(1));
        Assert.Equal([1, 1 + 3 + 16, 32], tokens.shape);
        Assert.True(allclose(tokens.narrow(1, 0, 1), embeddings.ClassToken! + embeddings.Position!.narrow(1, 0, 1)));
        Assert.True(allclose(tokens.narrow(1, 1, 3), embeddings.Registers!));
        Assert.Equal([1, 17, 32], embeddings.Position!.shape);
    }

    [Fact]
    public void Rotations_turn_each_pair_of_a_patch_by_its_centre_and_leave_leading_tokens()
    {
        using var scope = NewDisposeScope();
        using var model = TinyTransformer.Of("rotations");
        using var rotary = new RotaryPositions(model.Config, CPU, ScalarType.Float32);
        var heads = randn([1, 1, 3 + 16, 8]);
        var (before, after) = (heads.data<float>().ToArray(), rotary.Turn(heads).contiguous().data<float>().ToArray());

        Assert.Equal(before[..24], after[..24]);
        for (var patch = 0; patch < 16; patch++)
            for (var pair = 0; pair < 4; pair++)
            {
                // Half of the pairs of a head turn with the row, half with the column; a head of 8 has two frequencies.
                var place = pair < 2 ? patch / 4 : patch % 4;
                var centre = ((place + 0.5) / 4 * 2) - 1;
                var angle = 2 * Math.PI * centre / Math.Pow(100, pair % 2 * 4 / 8.0);
                var (first, second) = (24 + (patch * 8) + pair, 24 + (patch * 8) + pair + 4);
                Assert.Equal((before[first] * Math.Cos(angle)) - (before[second] * Math.Sin(angle)), after[first], 1e-4);
                Assert.Equal((before[second] * Math.Cos(angle)) + (before[first] * Math.Sin(angle)), after[second], 1e-4);
            }
    }

    [Fact]
    public void Patches_whose_places_are_not_said_are_not_guessed()
    {
        using var scope = NewDisposeScope();
        using var model = TinyTransformer.Of("rotations");
        Assert.Contains("16 patches", Assert.Throws<ModelException>(() => model.Blocks[0].call(zeros(1, 3 + 9, 32))).Message,
            StringComparison.Ordinal);
    }

    private static (Tensor Value, Tensor Gradient) Of(Func<Tensor, Tensor> embed)
    {
        var pixels = TinyTransformer.Pixels().requires_grad_();
        var value = embed(pixels);
        value.square().sum().backward();
        return (value.detach(), pixels.grad!);
    }
}
