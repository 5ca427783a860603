using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Catalog;
using LoraRecycle.Core.Adapters.Families.Papers.Cores;
using LoraRecycle.Core.Tests.Safetensors;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Adapters.Papers;

/// <summary>Every family of the papers that changes single layers, against its formula worked out in another way.</summary>
public sealed class PaperFamilyTests : IDisposable
{
    private readonly ScratchFolder folder = new();
    private readonly GoldenModel model = GoldenModel.Of("clip");
    private readonly DisposeScope scope = NewDisposeScope();

    public static TheoryData<string> Families => [.. PaperAdapter.Mergeable];

    public static TheoryData<string> Low => [.. PaperAdapter.Mergeable.Where(name => name != "lofit")];

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
        model.Dispose();
    }

    [Theory]
    [MemberData(nameof(Low))]
    public void Merging_gives_the_papers_formula(string family)
    {
        var tensors = PaperAdapter.Tensors(family);
        using var adapter = Load(PaperAdapter.Write(folder, family));
        Assert.Equal((family, 6), (adapter.Family, adapter.Layers.Count));
        foreach (var layer in Adapted(adapter))
        {
            var (weight, a, b) = (model.Weight(layer), tensors[$"{layer.SourceName}.lora_A"], tensors[$"{layer.SourceName}.lora_B"]);
            var expected = family == "block-lora"
                ? PaperFormula.Blocks(weight, a, b, PaperAdapter.Blocks, PaperAdapter.Scale)
                : PaperFormula.Core(weight, a, b, Core(family, layer, tensors), PaperAdapter.Scale);
            Assert.InRange(Formula.RelativeError(adapter.Layers[layer.Name].Merge(weight, null).Weight, expected), 0, 1e-6);
            Assert.True(Formula.RelativeError(weight, expected) > 0.1);
        }
    }

    [Fact]
    public void Heads_are_scaled_and_moved_before_the_output_projection()
    {
        var tensors = PaperAdapter.Tensors("lofit");
        using var adapter = Load(PaperAdapter.Write(folder, "lofit"));
        Assert.Equal(["layers.0.out", "layers.1.out", "layers.2.out"], adapter.Layers.Keys.Order());
        foreach (var layer in Adapted(adapter))
        {
            var input = randn([5, 64]);
            var expected = PaperFormula.Heads(
                input,
                model.Weight(layer),
                model.Bias(layer),
                64 / PaperAdapter.Heads,
                head => Vector("attn_A", head),
                head => Vector("attn_v", head)
            );
            Assert.InRange(
                Formula.RelativeError(adapter.Layers[layer.Name].Forward(input, model.Weight(layer), model.Bias(layer)).detach(), expected),
                0,
                1e-5
            );

            double[]? Vector(string name, int head) =>
                tensors.TryGetValue($"{layer.SourceName}.{name}.{head}", out var values) ? PaperFormula.Vector(values) : null;
        }
    }

    [Fact]
    public void Offsets_alone_change_nothing_but_the_bias()
    {
        using var adapter = Load(PaperAdapter.Write(folder, "lofit", tensors: tensors => Remove(tensors, ".attn_A.")));
        foreach (var layer in Adapted(adapter))
        {
            var (delta, bias) = adapter.Layers[layer.Name].Delta(model.Weight(layer), model.Bias(layer));
            Assert.False(delta.ne(0).any().item<bool>());
            Assert.True(bias!.ne(0).any().item<bool>());
            Assert.Equal(3 * 64 / PaperAdapter.Heads, adapter.Layers[layer.Name].parameters().Sum(parameter => parameter.numel()));
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Beside_the_frozen_layer_and_merged_into_it_a_family_gives_the_same_output(string family)
    {
        using var adapter = Load(PaperAdapter.Write(folder, family));
        foreach (var layer in Adapted(adapter))
        {
            var (weight, bias) = (model.Weight(layer), model.Bias(layer));
            manual_seed(7);
            var input = randn([2, 5, layer.InFeatures]);
            var (merged, mergedBias) = adapter.Layers[layer.Name].Merge(weight, bias);
            var expected = nn.functional.linear(input, merged, mergedBias);
            Assert.InRange(Formula.RelativeError(adapter.Layers[layer.Name].Forward(input, weight, bias).detach(), expected), 0, 1e-5);
            Assert.True(Formula.RelativeError(nn.functional.linear(input, weight, bias), expected) > 1e-2);

            var (delta, moved) = adapter.Layers[layer.Name].Delta(weight, bias);
            Assert.True(allclose(merged - weight, delta, 1e-3, 1e-6));
            Assert.Equal(family == "lofit", moved is not null);
            if (moved is not null) Assert.True(allclose(mergedBias! - bias, moved, 1e-3, 1e-6));
        }
    }

    [Theory]
    [InlineData("lora-xs", "lora_latent_mapping")]
    [InlineData("lora-sb", "lora_latent_mapping")]
    [InlineData("nlora", "lora_A", "lora_B", "lora_N")]
    [InlineData("slora", "lora_A", "lora_B", "lora_N")]
    [InlineData("lamda", "lora_B", "sigma")]
    [InlineData("sora", "gate", "lora_A", "lora_B")]
    [InlineData("loldu", "vector_z")]
    [InlineData("block-lora", "lora_A", "lora_B")]
    [InlineData("lofit", "attn_A", "attn_v")]
    public void What_a_paper_trains_can_be_trained_and_what_it_freezes_cannot(string family, params string[] trained)
    {
        using var adapter = Load(PaperAdapter.Write(folder, family));
        foreach (var layer in Adapted(adapter))
        {
            var part = adapter.Layers[layer.Name];
            Assert.Equal(trained, part.named_parameters().Select(parameter => parameter.name).Order(StringComparer.Ordinal));
            part.Forward(randn([4, layer.InFeatures]), model.Weight(layer), model.Bias(layer)).square().sum().backward();
            Assert.All(part.parameters(), parameter => Assert.True(parameter.grad!.abs().sum().item<float>() > 0));
        }
    }

    [Fact]
    public void Ranks_that_the_gate_shut_are_dropped()
    {
        using var adapter = Load(PaperAdapter.Write(folder, "sora"));
        Assert.All(adapter.Layers.Values, layer => Assert.Equal(PaperAdapter.Rank - 1, ((CoreLayer)layer).Rank));
        Assert.Equal(6 * (PaperAdapter.Rank - 1) * (64 + 64 + 1), adapter.ParameterCount);

        using var shut = Load(
            PaperAdapter.Write(
                folder,
                "sora",
                tensors: tensors =>
                {
                    foreach (var (name, gate) in tensors)
                        if (name.EndsWith("gate", StringComparison.Ordinal))
                            gate.zero_();
                }
            )
        );
        foreach (var layer in Adapted(shut))
        {
            var input = randn([2, 64]);
            Assert.Equal(0, shut.Layers[layer.Name].parameters().Sum(parameter => parameter.numel()));
            Assert.True(Formula.Same(model.Weight(layer), shut.Layers[layer.Name].Merge(model.Weight(layer), null).Weight));
            Assert.True(
                Formula.Same(
                    nn.functional.linear(input, model.Weight(layer)),
                    shut.Layers[layer.Name].Forward(input, model.Weight(layer), null)
                )
            );
        }
    }

    [Fact]
    public void An_untrained_diagonal_changes_nothing()
    {
        using var adapter = Load(
            PaperAdapter.Write(
                folder,
                "loldu",
                tensors: tensors =>
                {
                    foreach (var name in tensors.Keys.Where(name => name.EndsWith("vector_z", StringComparison.Ordinal)).ToArray())
                        tensors[name] = tensors[name.Replace("vector_z", "vector_d", StringComparison.Ordinal)];
                }
            )
        );
        Assert.All(
            Adapted(adapter),
            layer => Assert.True(Formula.Same(model.Weight(layer), adapter.Layers[layer.Name].Merge(model.Weight(layer), null).Weight))
        );
    }

    [Fact]
    public void A_rank_stabilised_scale_goes_by_the_root_of_the_rank()
    {
        using var plain = Load(PaperAdapter.Write(folder, "slora"));
        using var stabilised = Load(PaperAdapter.Write(folder, "slora", config => config["use_rslora"] = true));
        foreach (var layer in Adapted(plain))
            Assert.True(allclose(Delta(plain, layer) * Math.Sqrt(PaperAdapter.Rank), Delta(stabilised, layer), 1e-5, 1e-7));
    }

    [Fact]
    public void Queries_keys_and_values_that_are_one_layer_in_the_file_become_three()
    {
        using var generator = new Generator(5);
        var (a, b, core) = (
            randn([4, 64], generator: generator),
            randn([192, 4], generator: generator),
            randn([4, 4], generator: generator)
        );
        var path = PaperAdapter.Write(
            folder,
            "lora-xs",
            tensors: tensors =>
            {
                tensors.Clear();
                (
                    tensors["blocks.1.attn.qkv.lora_A"],
                    tensors["blocks.1.attn.qkv.lora_B"],
                    tensors["blocks.1.attn.qkv.lora_latent_mapping"]
                ) = (a, b, core);
            }
        );
        using var adapter = Load(path);
        Assert.Equal(["layers.1.k", "layers.1.q", "layers.1.v"], adapter.Layers.Keys.Order());
        foreach (var (layer, rows) in Adapted(adapter).Zip(b.chunk(3)))
            Assert.InRange(Formula.RelativeError(Delta(adapter, layer), rows.mm(core).mm(a) * PaperAdapter.Scale), 0, 1e-5);
    }

    private static double[,] Core(string family, AdaptableLayer layer, Dictionary<string, Tensor> tensors) => family switch
    {
        "lora-xs" or "lora-sb" => PaperFormula.Matrix(tensors[$"{layer.SourceName}.lora_latent_mapping"]),
        "nlora" or "slora" => PaperFormula.Matrix(tensors[$"{layer.SourceName}.lora_N"]),
        "lamda" => PaperFormula.Matrix(tensors[$"{layer.SourceName}.sigma"]),
        "sora" => PaperFormula.Diagonal(PaperFormula.Vector(tensors[$"{layer.SourceName}.gate"])),
        "loldu" => PaperFormula.Diagonal([.. PaperFormula.Vector(tensors[$"{layer.SourceName}.vector_z"])
            .Zip(PaperFormula.Vector(tensors[$"{layer.SourceName}.vector_d"]), (trained, start) => trained - start)]),
        _ => throw new ArgumentOutOfRangeException(nameof(family), family, "No such core."),
    };

    private static void Remove(Dictionary<string, Tensor> tensors, string part)
    {
        foreach (var name in tensors.Keys.Where(name => name.Contains(part, StringComparison.Ordinal)).ToArray())
            tensors.Remove(name);
    }

    private Tensor Delta(Adapter adapter, AdaptableLayer layer) =>
        adapter.Layers[layer.Name].Delta(model.Weight(layer), model.Bias(layer)).Weight;

    private IEnumerable<AdaptableLayer> Adapted(Adapter adapter) => model.Layers.Where(layer => adapter.Layers.ContainsKey(layer.Name));

    private Adapter Load(string path) => AdapterCatalog.Default.Load(path, model.Layers);
}
