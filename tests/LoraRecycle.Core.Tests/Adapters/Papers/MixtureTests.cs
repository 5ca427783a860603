using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Algebra;
using LoraRecycle.Core.Adapters.Algebra.Conversion;
using LoraRecycle.Core.Adapters.Catalog;
using LoraRecycle.Core.Adapters.Families.Lora;
using LoraRecycle.Core.Method.Distillation;
using LoraRecycle.Core.Method.Distillation.Training;
using LoraRecycle.Core.Method.Inversion;
using LoraRecycle.Core.Tests.Inversion;
using LoraRecycle.Core.Tests.Models;
using LoraRecycle.Core.Tests.Safetensors;
using LoraRecycle.Core.Vision.Fused;
using LoraRecycle.Core.Vision.Transformer;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Adapters.Papers;

/// <summary>MixLoRA: a feed-forward block that is a mixture, which runs beside the model and cannot be merged.</summary>
public sealed class MixtureTests : IDisposable
{
    private readonly ScratchFolder folder = new();
    private readonly GoldenTransformer golden = new("clip");
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose()
    {
        scope.Dispose();
        golden.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void A_token_gets_what_the_formula_gives_it()
    {
        var tensors = PaperAdapter.Tensors("mixlora");
        using var adapter = Load();
        Assert.Equal(["layers.0", "layers.1", "layers.2"], adapter.Mixtures.Keys.Order());
        Assert.Equal(["mlp", "q", "v"], adapter.Targets);
        var block = golden.Model.Blocks[1];
        var tokens = randn([9, 64]);
        var actual = Run(adapter.Mixtures["layers.1"], block, tokens);

        var (fc1, fc2) = (PaperAdapter.Layer(1, "mlp.fc1"), PaperAdapter.Layer(1, "mlp.fc2"));
        var expected = PaperFormula.Mixture(
            tokens,
            tensors[$"{fc1}.moe_gate.weight"],
            (block.Fc1.Weight, block.Fc1.Bias!),
            (block.Fc2.Weight, block.Fc2.Bias!),
            [
                .. Enumerable
                    .Range(0, PaperAdapter.Experts)
                    .Select(e =>
                        (
                            tensors[$"{fc1}.experts.{e}.lora_A"],
                            tensors[$"{fc1}.experts.{e}.lora_B"],
                            tensors[$"{fc2}.experts.{e}.lora_A"],
                            tensors[$"{fc2}.experts.{e}.lora_B"]
                        )
                    ),
            ],
            PaperAdapter.Scale,
            PaperAdapter.Chosen,
            x => x / (1 + Math.Exp(-1.702 * x))
        );
        Assert.InRange(Formula.RelativeError(actual.detach(), expected), 0, 1e-5);
    }

    [Fact]
    public void Every_token_gets_as_many_experts_as_it_may_and_their_shares_sum_to_one()
    {
        using var adapter = Load();
        var shares = adapter.Mixtures["layers.0"].Shares(randn([3, 5, 64])).detach();
        Assert.Equal([3, 5, PaperAdapter.Experts], shares.shape);
        Assert.True(allclose(shares.sum(-1), ones([3, 5]), 1e-6, 1e-6));
        Assert.True(shares.gt(0).sum(-1).eq(PaperAdapter.Chosen).all().item<bool>());
    }

    [Fact]
    public void Experts_of_one_layer_only_leave_the_other_as_it_is()
    {
        foreach (var left in new[] { "fc1", "fc2" })
        {
            using var adapter = Load(tensors => Drop(tensors, $"mlp.{left}.experts"));
            using var zeroed = Load(tensors =>
            {
                foreach (var (name, value) in tensors)
                    if (name.Contains($"mlp.{left}.experts", StringComparison.Ordinal))
                        value.zero_();
            });
            var tokens = randn([4, 64]);
            var (block, name) = (golden.Model.Blocks[0], "layers.0");
            Assert.InRange(
                Formula.RelativeError(
                    Run(adapter.Mixtures[name], block, tokens).detach(),
                    Run(zeroed.Mixtures[name], block, tokens).detach()
                ),
                0,
                1e-6
            );
        }
    }

    [Fact]
    public void The_router_and_all_experts_can_be_trained_in_the_whole_model()
    {
        using var adapter = Load();
        var pixels = golden.Pixels;
        golden.Model.Attach(adapter);
        golden.Model.call(pixels).LastHiddenState.square().sum().backward();
        golden.Model.Detach();
        foreach (var (name, part) in adapter.Parts)
            foreach (var (parameter, value) in part.named_parameters())
                Assert.True(value.grad is { } gradient && gradient.abs().sum().item<float>() > 0, $"{name}.{parameter}");
        Assert.Equal(
            (3 * ((4 * 64) + (4 * 4 * (64 + 128) * 2))) + (3 * 2 * 4 * (64 + 64)), adapter.ParameterCount);
    }

    [Fact]
    public void A_model_that_took_it_off_is_the_bare_model_again()
    {
        using var adapter = Load();
        using var withoutGrad = no_grad();
        var bare = golden.Model.call(golden.Pixels).Embedding;
        golden.Model.Attach(adapter);
        Assert.True(Formula.RelativeError(golden.Model.call(golden.Pixels).Embedding, bare) > 1e-2);
        golden.Model.Detach();
        Assert.True(Formula.Same(bare, golden.Model.call(golden.Pixels).Embedding));
    }

    [Fact]
    public void It_cannot_be_served_summed_converted_or_batched_and_the_reason_is_said()
    {
        using var adapter = Load();
        using var plain = AdapterCatalog.Default.Load(GoldenModel.AdapterPath("clip", "lora_qv"), golden.Model.AdaptableLayers);
        golden.Model.Attach(adapter);
        Refused("cannot be merged", () => new FusedEmbedder(golden.Model, CPU));
        golden.Model.Detach();
        Refused("summed with others", () => AdapterSum.Of(golden.Model.FrozenLayers, [plain, adapter], 1));
        Refused("summed with others", () => MergedLora.Of(golden.Model.FrozenLayers, [(adapter, 1)], 4));
        Refused(
            "written as LoRA",
            () =>
                LoraConversion.Of(
                    adapter,
                    golden.Model.AdaptableLayers,
                    layer => (golden.Model.LinearOf(layer).Weight, null),
                    4,
                    TestContext.Current.CancellationToken
                )
        );
        Refused("run in one batch", () => LoraGroup.Stack([plain, adapter], golden.Model.AdaptableLayers, CPU, float32));
    }

    [Fact]
    public void What_recycling_starts_from_is_the_sum_of_the_others()
    {
        using var adapter = Load();
        using var plain = AdapterCatalog.Default.Load(GoldenModel.AdapterPath("clip", "lora_qv"), golden.Model.AdaptableLayers);
        var settings = new DistillationSettings { Start = MetaLoraStart.Sum, Rank = 4, Targets = ["q", "v"] };
        using var expected = MetaLoraFactory.Start(golden.Model, [plain], settings, CPU);
        using var actual = MetaLoraFactory.Start(golden.Model, [adapter, plain], settings, CPU);
        using var alone = MetaLoraFactory.Start(golden.Model, [adapter], settings, CPU);
        foreach (var (name, layer) in actual.Layers)
        {
            Assert.True(Formula.Same(((LoraLayer)layer).B, ((LoraLayer)expected.Layers[name]).B));
            Assert.False(((LoraLayer)alone.Layers[name]).B.ne(0).any().item<bool>());
        }
    }

    [Fact]
    public void What_inversion_runs_computes_what_the_model_does()
    {
        using var adapter = Load();
        using var withoutGrad = no_grad();
        golden.Model.Attach(adapter);
        var expected = golden.Model.call(golden.Pixels).Embedding;
        using var frozen = new FusedTransformer(golden.Model);
        golden.Model.Detach();
        Assert.InRange(Formula.RelativeError(frozen.Embed(golden.Pixels, TokenPruning.None), expected), 0, 1e-5);
    }

    [Fact]
    public void It_can_be_inverted_and_its_images_show_its_classes_better_than_noise()
    {
        using var fixture = new InversionFixture();
        var lora = Load();
        using var generator = new Generator(7);
        using var adapter = new Adapter(
            lora.Family,
            lora.Revision,
            lora.Layers,
            new ClassificationHead(randn([3, 48], generator: generator).mul(3))
        )
        {
            Mixtures = lora.Mixtures,
        };
        var source = new InversionSource("mixture", adapter, ["a", "b", "c"]);
        Assert.False(source.IsPlain);
        var outcome = Assert.Single(fixture.Invert(InversionFixture.Settings, source));
        Assert.NotNull(outcome.Pool);
        Assert.True(outcome.Pool.Info.Losses[^1] < outcome.Pool.Info.Losses[0]);
    }

    private static Tensor Run(ExpertMixture mixture, EncoderBlock block, Tensor tokens) =>
        mixture.Forward(
            tokens,
            (block.Fc1.Weight, block.Fc1.Bias),
            (block.Fc2.Weight, block.Fc2.Bias),
            input => Activation.QuickGelu.Apply(input)
        );

    private static void Drop(Dictionary<string, Tensor> tensors, string part)
    {
        foreach (var name in tensors.Keys.Where(name => name.Contains(part, StringComparison.Ordinal)).ToArray())
            tensors.Remove(name);
    }

    private static void Refused(string reason, Func<object> act) =>
        Assert.Contains(reason, Assert.Throws<AdapterException>(act).Message, StringComparison.Ordinal);

    private Adapter Load(Action<Dictionary<string, Tensor>>? tensors = null) =>
        AdapterCatalog.Default.Load(PaperAdapter.Write(folder, "mixlora", tensors: tensors), golden.Model.AdaptableLayers);
}
