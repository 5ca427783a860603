using System.Text.Json.Nodes;
using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Catalog;
using LoraRecycle.Core.Adapters.Families.Lora;
using LoraRecycle.Core.Tests.Safetensors;
using TorchSharp;

namespace LoraRecycle.Core.Tests.Adapters.Naming;

/// <summary>The CLIP fixtures under the names that other libraries and other versions have for the same layers.</summary>
public sealed class LayerNamesTests : IDisposable
{
    private const string Clip = "base_model.model.vision_model.encoder.layers.";

    private readonly ScratchFolder folder = new();
    private readonly GoldenModel model = GoldenModel.Of("clip");

    public void Dispose()
    {
        folder.Dispose();
        model.Dispose();
    }

    [Theory]
    [InlineData("base_model.model.encoder.layers.")]
    [InlineData("base_model.model.model.vision_tower.vision_model.encoder.layers.")]
    [InlineData("vision_model.encoder.layers.")]
    [InlineData("module.encoder.layers.")]
    public void Whatever_the_model_was_wrapped_in_does_not_matter(string stem) =>
        SameAs("lora_qv", Renamed("lora_qv", key => key.Replace(Clip, stem, StringComparison.Ordinal)));

    [Theory]
    [InlineData("_orig_mod.", "")]
    [InlineData("module.", "")]
    [InlineData("", "_orig_mod.")]
    [InlineData("_orig_mod.module.", "_fsdp_wrapped_module.")]
    [InlineData("", "_fsdp_wrapped_module._checkpoint_wrapped_module.")]
    public void What_training_wrapped_a_model_in_is_left_out_wherever_it_stands(string before, string within) =>
        SameAs("lora_qv", Renamed("lora_qv", key =>
            before + key.Replace("base_model.model.", $"base_model.model.{within}", StringComparison.Ordinal)
                .Replace("self_attn.", $"{within}self_attn.{within}", StringComparison.Ordinal)));

    [Fact]
    public void Settings_may_name_what_training_wrapped_the_model_in()
    {
        var adapted = model.Layers.Where(layer => layer.Part is "q" or "v");
        foreach (var targets in new JsonNode[]
        {
            new JsonArray([.. adapted.Select(layer => (JsonNode)$"_orig_mod.{layer.SourceName}")]),
            @"_orig_mod\.vision_model\..*\.(q|v)_proj",
            @"^module\.vision_model\..*\.(q|v)_proj",
        })
        {
            var copy = DamagedAdapter.Copy(
                folder,
                "lora_qv",
                config => config["target_modules"] = targets.DeepClone(),
                Rename(key => key.Replace("base_model.model.", "base_model.model._orig_mod.", StringComparison.Ordinal))
            );
            SameAs("lora_qv", copy);
        }
    }

    [Fact]
    public void One_tensor_with_and_without_a_wrapper_is_one_too_many()
    {
        var copy = DamagedAdapter.Copy(folder, "lora_qv", tensors: tensors =>
        {
            var key = tensors.Keys.First();
            tensors[$"module.{key}"] = tensors[key];
        });
        Assert.Contains(
            "twice",
            Assert.Throws<AdapterException>(() => AdapterCatalog.Default.Load(copy, model.Layers)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Names_of_one_tower_models_are_read_old_and_new()
    {
        using var dino = GoldenModel.Of("dinov2");
        var source = GoldenModel.AdapterPath("dinov2", "lora_qv");
        using var expected = AdapterCatalog.Default.Load(source, dino.Layers);
        foreach (var (stem, query, value) in new[]
        {
            ("dinov2.encoder.layer.", "attention.attention.query", "attention.attention.value"),
            ("base_model.model.vit.encoder.layer.", "attention.attention.query", "attention.attention.value"),
            ("base_model.model.model.layers.", "attention.q_proj", "attention.v_proj"),
        })
        {
            var copy = DamagedAdapter.CopyOf(
                source,
                folder,
                config => config["target_modules"] = new JsonArray(Last(query), Last(value)),
                Rename(key =>
                    key.Replace("base_model.model.encoder.layer.", stem, StringComparison.Ordinal)
                        .Replace("attention.attention.query", query, StringComparison.Ordinal)
                        .Replace("attention.attention.value", value, StringComparison.Ordinal)
                )
            );
            using var renamed = AdapterCatalog.Default.Load(copy, dino.Layers);
            AssertSame(dino, expected, renamed);
        }
    }

    [Theory]
    [InlineData("lora_qv", "blocks.", "attn.qkv")]
    [InlineData("lora_qv", "visual.trunk.blocks.", "attn.qkv")]
    [InlineData("lora_qv", "visual.transformer.resblocks.", "attn")]
    [InlineData("lora_qv", "transformer.resblocks.", "attn.in_proj_weight")]
    public void A_lora_of_queries_keys_and_values_in_one_becomes_three(string name, string stem, string module)
    {
        using var plain = AdapterCatalog.Default.Load(GoldenModel.AdapterPath("clip", name), model.Layers);
        var copy = DamagedAdapter.Copy(
            folder,
            name,
            config =>
            {
                config["target_modules"] = new JsonArray(Last(module));
                config["r"] = 8;
            },
            tensors =>
            {
                for (var i = 0; i < 3; i++)
                {
                    var (q, v) = ($"{Clip}{i}.self_attn.q_proj.", $"{Clip}{i}.self_attn.v_proj.");
                    // Both LoRAs side by side: the queries' factors in the upper rows and first ranks, the values' in the lower and last.
                    var (a, b) = (torch.cat([tensors[$"{q}lora_A.weight"], tensors[$"{v}lora_A.weight"]]), torch.zeros([192, 8]));
                    b.narrow(0, 0, 64).narrow(1, 0, 4).copy_(tensors[$"{q}lora_B.weight"]);
                    b.narrow(0, 128, 64).narrow(1, 4, 4).copy_(tensors[$"{v}lora_B.weight"]);
                    foreach (var key in tensors.Keys.Where(key => key.StartsWith($"{Clip}{i}.", StringComparison.Ordinal)).ToArray())
                        tensors.Remove(key);
                    tensors[$"base_model.model.{stem}{i}.{module}.lora_A.weight"] = a;
                    tensors[$"base_model.model.{stem}{i}.{module}.lora_B.weight"] = b.mul(2);
                }
            }
        );
        using var fused = AdapterCatalog.Default.Load(copy, model.Layers);
        Assert.Equal(9, fused.Layers.Count);
        Assert.All(fused.Layers.Values, layer => Assert.IsType<LoraLayer>(layer));
        using var scope = torch.NewDisposeScope();
        foreach (var layer in model.Layers.Where(layer => fused.Layers.ContainsKey(layer.Name)))
        {
            var delta = fused.Layers[layer.Name].Delta(model.Weight(layer), model.Bias(layer)).Weight;
            // Alpha over rank is half of what it was, as the rank is twice; the factor of two above makes up for it.
            if (plain.Layers.TryGetValue(layer.Name, out var one))
                Assert.InRange(Formula.RelativeError(delta, one.Delta(model.Weight(layer), model.Bias(layer)).Weight), 0, 1e-5);
            else
                Assert.Equal(0, delta.abs().max().item<float>());
        }
    }

    [Fact]
    public void Every_family_can_be_of_queries_keys_and_values_in_one()
    {
        // (IA)3 is the one that changes biases too; OFT depends on the frozen weight.
        foreach (var (name, parameter, dimension) in new[] { ("ia3", "ia3_l", 0), ("oft", "oft_R.weight", -1) })
        {
            using var plain = AdapterCatalog.Default.Load(GoldenModel.AdapterPath("clip", name), model.Layers);
            var copy = DamagedAdapter.Copy(
                folder, name,
                config => { config["target_modules"] = new JsonArray("qkv"); config["feedforward_modules"] = new JsonArray(); },
                tensors =>
                {
                    for (var i = 0; i < 3; i++)
                    {
                        torch.Tensor Of(string part) => tensors[$"{Clip}{i}.self_attn.{part}_proj.{parameter}"];
                        var fused = dimension < 0 ? Of("q") : torch.cat([Of("q"), Of("k"), Of("v")], dimension);
                        foreach (var key in tensors.Keys.Where(key => key.StartsWith($"{Clip}{i}.", StringComparison.Ordinal)).ToArray())
                            tensors.Remove(key);
                        tensors[$"blocks.{i}.attn.qkv.{parameter}"] = fused;
                    }
                });
            using var split = AdapterCatalog.Default.Load(copy, model.Layers);
            Assert.Equal((name, 9), (split.Family, split.Layers.Count));
            Assert.Equal(name == "ia3" ? 3 * 192 : 3 * 8 * 28, split.ParameterCount);
            using var scope = torch.NewDisposeScope();
            foreach (var layer in model.Layers.Where(layer => split.Layers.ContainsKey(layer.Name)))
            {
                var like = dimension < 0 ? layer.Name[..^1] + "q" : layer.Name;
                var (weight, bias) = split.Layers[layer.Name].Merge(model.Weight(layer), model.Bias(layer));
                var (expected, expectedBias) = plain.Layers[like].Merge(model.Weight(layer), model.Bias(layer));
                Assert.InRange(Formula.RelativeError(weight, expected), 0, 1e-6);
                Assert.InRange(Formula.RelativeError(bias!, expectedBias!), 0, 1e-6);
            }
        }
    }

    [Fact]
    public void A_text_towers_layers_are_not_taken_for_the_images()
    {
        var copy = Renamed("lora_qv", key => key.Replace("vision_model", "text_model", StringComparison.Ordinal));
        Assert.Contains(
            "'base_model.model.text_model.",
            Assert.Throws<AdapterException>(() => AdapterCatalog.Default.Load(copy, model.Layers)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Two_models_in_one_file_are_refused()
    {
        var copy = DamagedAdapter.Copy(
            folder,
            "lora_qv",
            tensors: tensors => tensors["base_model.model.visual.blocks.0.attn.proj.lora_A.weight"] = torch.ones([4, 64])
        );
        Assert.Contains(
            "'base_model.model.visual.blocks.0.",
            Assert.Throws<AdapterException>(() => AdapterCatalog.Default.Load(copy, model.Layers)).Message,
            StringComparison.Ordinal
        );
    }

    private static string Last(string path) => path[(path.LastIndexOf('.') + 1)..];

    private static Action<Dictionary<string, torch.Tensor>> Rename(Func<string, string> name) => tensors =>
    {
        foreach (var key in tensors.Keys.ToArray())
            if (tensors.Remove(key, out var tensor))
                tensors[name(key)] = tensor;
    };

    private static void AssertSame(GoldenModel model, Adapter expected, Adapter actual)
    {
        using var scope = torch.NewDisposeScope();
        Assert.Equal(expected.Layers.Keys.Order(), actual.Layers.Keys.Order());
        foreach (var layer in model.Layers.Where(layer => expected.Layers.ContainsKey(layer.Name)))
            Assert.Equal(
                0,
                Formula.RelativeError(
                    actual.Layers[layer.Name].Merge(model.Weight(layer), null).Weight,
                    expected.Layers[layer.Name].Merge(model.Weight(layer), null).Weight
                )
            );
    }

    private string Renamed(string adapter, Func<string, string> name) => DamagedAdapter.Copy(folder, adapter, tensors: Rename(name));

    private void SameAs(string name, string copy)
    {
        using var expected = AdapterCatalog.Default.Load(GoldenModel.AdapterPath("clip", name), model.Layers);
        using var actual = AdapterCatalog.Default.Load(copy, model.Layers);
        AssertSame(model, expected, actual);
    }
}
