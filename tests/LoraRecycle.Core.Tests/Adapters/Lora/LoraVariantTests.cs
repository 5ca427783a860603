using System.Text.Json.Nodes;
using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Algebra.Conversion;
using LoraRecycle.Core.Adapters.Catalog;
using LoraRecycle.Core.Adapters.Families.Lora;
using LoraRecycle.Core.Tests.Safetensors;
using TorchSharp;

namespace LoraRecycle.Core.Tests.Adapters.Lora;

/// <summary>What PEFT's variants of LoRA compute, against formulas worked out without the code under test.</summary>
public sealed class LoraVariantTests : IDisposable
{
    private const double Scale = 8.0 / 4;

    private readonly ScratchFolder folder = new();
    private readonly GoldenModel model = GoldenModel.Of("clip");
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
        model.Dispose();
    }

    [Fact]
    public void Kasa_takes_the_smallest_singular_values_out_of_the_weight_and_adds_its_own()
    {
        using var adapter = Load(VariantFiles.Kasa(folder));
        Assert.Equal(("lora", 6), (adapter.Family, adapter.Layers.Count));
        foreach (var layer in Adapted(adapter))
        {
            var kasa = Assert.IsType<KasaLayer>(adapter.Layers[layer.Name]);
            var (a, b, d) = VariantFiles.Factors(folder, layer);
            var expected = Formula.Kasa(model.Weight(layer), a, b, d, Scale);
            Assert.InRange(Formula.RelativeError(kasa.Merge(model.Weight(layer), null).Weight, expected), 0, 1e-5);
            Assert.Equal(4, kasa.NominalRank);
        }
    }

    [Fact]
    public void Kasa_beside_the_weight_is_kasa_merged_into_it()
    {
        using var adapter = Load(VariantFiles.Kasa(folder));
        foreach (var layer in Adapted(adapter))
            BesideIsMerged(adapter.Layers[layer.Name], layer);
    }

    [Fact]
    public void What_a_weight_loses_to_kasa_is_found_once()
    {
        // A diagonal of zeros leaves only what the weight loses.
        using var adapter = Load(DamagedAdapter.CopyOf(VariantFiles.Kasa(folder), folder, tensors: tensors =>
        {
            foreach (var key in tensors.Keys.Where(key => key.EndsWith("lora_diag", StringComparison.Ordinal)).ToArray())
                tensors[key] = torch.zeros(4);
        }));
        var (layer, input) = (Adapted(adapter)[0], torch.eye(64));
        var (kasa, weight) = (adapter.Layers[layer.Name], model.Weight(layer));
        var lost = Change(weight);

        // No one changes a frozen weight; had it been decomposed again, it would lose twice as much.
        weight.mul_(2);
        Assert.InRange(Formula.RelativeError(Change(weight), lost), 0, 1e-4);

        // Another weight is another matter.
        Assert.InRange(Formula.RelativeError(Change(model.Weight(layer).mul(2)), lost.mul(2)), 0, 1e-4);

        torch.Tensor Change(torch.Tensor of) => (kasa.Forward(input, of, null) - torch.nn.functional.linear(input, of)).detach();
    }

    [Fact]
    public void Kasa_can_be_trained_after_a_pass_that_records_nothing()
    {
        using var adapter = Load(VariantFiles.Kasa(folder));
        var layer = Adapted(adapter)[0];
        var weight = model.Weight(layer);
        using (torch.inference_mode())
            _ = adapter.Layers[layer.Name].Forward(torch.ones([2, 64]), weight, null);
        adapter.Layers[layer.Name].Forward(torch.randn([4, 64]).requires_grad_(), weight, model.Bias(layer)).square().sum().backward();
        Assert.Equal(
            ["lora_A", "lora_B", "lora_diag"],
            adapter.Layers[layer.Name].named_parameters().Select(parameter => parameter.name).Order()
        );
        Assert.All(adapter.Layers[layer.Name].parameters(), parameter => Assert.True(parameter.grad!.abs().sum().item<float>() > 0));
    }

    [Fact]
    public void Kasa_as_lora_is_exact_with_twice_the_rank()
    {
        using var adapter = Load(VariantFiles.Kasa(folder));
        using var converted = LoraConversion.Of(
            adapter,
            model.Layers,
            layer => (model.Weight(layer), model.Bias(layer)),
            64,
            TestContext.Current.CancellationToken
        );
        Assert.All(converted.Layers, layer => Assert.Equal((8, true), (layer.Rank, layer.IsExact)));
        foreach (var layer in Adapted(adapter))
            Assert.InRange(
                Formula.RelativeError(
                    converted.Adapter.Layers[layer.Name].Merge(model.Weight(layer), null).Weight,
                    adapter.Layers[layer.Name].Merge(model.Weight(layer), null).Weight
                ),
                0,
                1e-5
            );
    }

    [Fact]
    public void Blocks_are_the_diagonal_of_a_factor_that_is_zero_elsewhere()
    {
        using var adapter = Load(VariantFiles.Blocks(folder));
        Assert.Equal(6, adapter.Layers.Count);
        foreach (var layer in Adapted(adapter))
        {
            var (a, b, _) = VariantFiles.Factors(folder, layer);
            var isA = layer.Name.EndsWith(".v", StringComparison.Ordinal);
            var (stored, columns) = isA ? (a, 64) : (b, 4);
            var (values, width) = (stored.data<float>().ToArray(), (int)stored.shape[1]);
            var whole = new float[stored.shape[0] * columns];
            for (var i = 0; i < values.Length; i++)
            {
                // Two blocks: the rows of the lower half belong to the columns of the right one.
                var (row, column) = (i / width, i % width);
                whole[(row * columns) + (2 * row / stored.shape[0] * width) + column] = values[i];
            }
            var dense = torch.tensor(whole).view(-1, columns);
            var expected = Formula.Lora(model.Weight(layer), isA ? dense : a, isA ? b : dense, Scale);
            Assert.InRange(
                Formula.RelativeError(
                    Assert.IsType<LoraLayer>(adapter.Layers[layer.Name]).Merge(model.Weight(layer), null).Weight,
                    expected
                ),
                0,
                1e-6
            );
            BesideIsMerged(adapter.Layers[layer.Name], layer);
        }
    }

    [Fact]
    public void Layers_that_no_list_names_are_plain_where_that_is_allowed()
    {
        using var plain = Load(GoldenModel.AdapterPath("clip", "lora_qv"));
        using var adapter = Load(DamagedAdapter.Copy(folder, "lora_qv", config => config["use_bdlora"] = new JsonObject
        {
            ["target_modules_bd_a"] = new JsonArray("out_proj"),
            ["target_modules_bd_b"] = null,
            ["nblocks"] = 2,
            ["match_strict"] = false,
        }));
        foreach (var layer in Adapted(adapter))
            Assert.Equal(
                plain.Layers[layer.Name].Merge(model.Weight(layer), null).Weight.data<float>().ToArray(),
                adapter.Layers[layer.Name].Merge(model.Weight(layer), null).Weight.data<float>().ToArray());
    }

    [Fact]
    public void A_bias_of_b_is_scaled_and_added_to_the_layers_own()
    {
        using var plain = Load(GoldenModel.AdapterPath("clip", "lora_qv"));
        using var adapter = Load(VariantFiles.BiasOfB(folder));
        foreach (var layer in Adapted(adapter))
        {
            var shift = VariantFiles.Read(folder, layer, "lora_B.bias").data<float>().ToArray();
            var (weight, bias) = adapter.Layers[layer.Name].Merge(model.Weight(layer), model.Bias(layer));
            Assert.Equal(
                plain.Layers[layer.Name].Merge(model.Weight(layer), null).Weight.data<float>().ToArray(),
                weight.data<float>().ToArray()
            );
            Assert.All(
                model.Bias(layer).data<float>().ToArray().Zip(shift).Zip(bias!.data<float>().ToArray()),
                entry => Assert.Equal(entry.First.First + (Scale * entry.First.Second), entry.Second, 1e-5)
            );
            BesideIsMerged(adapter.Layers[layer.Name], layer);

            // A layer without a bias gets one.
            var (_, alone) = adapter.Layers[layer.Name].Merge(model.Weight(layer), null);
            Assert.All(shift.Zip(alone!.data<float>().ToArray()), entry => Assert.Equal(Scale * entry.First, entry.Second, 1e-5));
        }
    }

    [Fact]
    public void A_bias_of_b_and_a_trained_bias_of_the_layer_go_together_and_into_a_plain_lora()
    {
        var source = DamagedAdapter.CopyOf(VariantFiles.BiasOfB(folder), folder, config => config["bias"] = "lora_only", tensors =>
        {
            foreach (var key in tensors.Keys.Where(key => key.EndsWith(".lora_B.bias", StringComparison.Ordinal)).ToArray())
                tensors[key.Replace("lora_B.bias", "base_layer.bias", StringComparison.Ordinal)] = torch.full([64], 3f);
        });
        using var adapter = Load(source);
        using var converted = LoraConversion.Of(
            adapter,
            model.Layers,
            layer => (model.Weight(layer), model.Bias(layer)),
            4,
            TestContext.Current.CancellationToken
        );
        foreach (var layer in Adapted(adapter))
        {
            var shift = VariantFiles.Read(folder, layer, "lora_B.bias").data<float>().ToArray();
            foreach (var change in new[] { adapter.Layers[layer.Name], converted.Adapter.Layers[layer.Name] })
                Assert.All(shift.Zip(change.Merge(model.Weight(layer), model.Bias(layer)).Bias!.data<float>().ToArray()), entry =>
                    Assert.Equal(3 + (Scale * entry.First), entry.Second, 1e-5));
        }
    }

    [Fact]
    public void Queries_keys_and_values_in_one_have_a_bias_of_b_in_three_parts()
    {
        using var adapter = Load(
            VariantFiles.Fused(folder, "lora_B.bias", torch.arange(192).to(torch.float32), config => config["lora_bias"] = true)
        );
        foreach (var (part, first) in new[] { ("q", 0), ("k", 64), ("v", 128) })
        {
            var layer = model.Layers.Single(layer => layer.Name == $"layers.0.{part}");
            var bias = adapter.Layers[layer.Name].Merge(model.Weight(layer), torch.zeros(64)).Bias!;
            Assert.Equal(Enumerable.Range(first, 64).Select(value => (float)(Scale * value)), bias.data<float>().ToArray());
        }
    }

    private Adapter Load(string path) => AdapterCatalog.Default.Load(path, model.Layers);

    private AdaptableLayer[] Adapted(Adapter adapter) => [.. model.Layers.Where(layer => adapter.Layers.ContainsKey(layer.Name))];

    private void BesideIsMerged(LayerAdapter change, AdaptableLayer layer)
    {
        torch.manual_seed(7);
        var input = torch.randn([2, 5, layer.InFeatures]);
        var (weight, bias) = change.Merge(model.Weight(layer), model.Bias(layer));
        Assert.InRange(
            Formula.RelativeError(
                change.Forward(input, model.Weight(layer), model.Bias(layer)).detach(),
                torch.nn.functional.linear(input, weight, bias)
            ),
            0,
            1e-5
        );
    }
}
