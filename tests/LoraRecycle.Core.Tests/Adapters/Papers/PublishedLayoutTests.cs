using System.Text.Json.Nodes;
using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Catalog;
using LoraRecycle.Core.Tests.Safetensors;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Adapters.Papers;

/// <summary>The same adapters under the names and settings that the authors' own code gives them.</summary>
public sealed class PublishedLayoutTests : IDisposable
{
    private readonly ScratchFolder folder = new();
    private readonly GoldenModel model = GoldenModel.Of("clip");
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
        model.Dispose();
    }

    [Theory]
    // PEFT takes the adapter's name out of a key, and older versions take it out of the mapping's own name too.
    [InlineData("q_proj_lora_latent_mapping.weight", "v_proj_lora_latent_mapping.weight")]
    [InlineData("q_proj.default_lora_latent_mapping.weight", "v_proj.default_lora_latent_mapping.weight")]
    public void Lora_xs_and_lora_sb_put_their_mapping_beside_pefts_factors(string query, string value) =>
        Same(
            "lora-xs",
            "lora-xs",
            LoraOfPeft(),
            key =>
                Peft(key)
                    .Replace("q_proj.lora_latent_mapping", query, StringComparison.Ordinal)
                    .Replace("v_proj.lora_latent_mapping", value, StringComparison.Ordinal)
        );

    [Fact]
    public void Lora_sb_is_told_from_lora_xs_by_the_settings_alone()
    {
        Same("lora-sb", "lora-xs", LoraOfPeft(), Peft);
        Same("lora-sb", "lora-sb", settings => { LoraOfPeft()(settings); settings["family"] = "lora-sb"; }, Peft);
    }

    [Theory]
    [InlineData("nlora", "n_lora")]
    [InlineData("slora", "s_lora")]
    public void Nlora_and_slora_are_a_peft_with_a_third_factor(string family, string initialised) =>
        Same(family, family, LoraOfPeft(initialised), key => Peft(key).Replace("lora_N", "lora_N.weight", StringComparison.Ordinal));

    [Fact]
    public void Lamdas_square_has_the_adapters_name_in_its_own() =>
        Same("lamda", "lamda", LoraOfPeft(), key => Peft(key).Replace("sigma", "sigma.default.weight", StringComparison.Ordinal));

    [Fact]
    public void Soras_factors_are_in_a_module_beside_the_layer_and_its_gate_is_a_row() =>
        Same(
            "sora",
            "sora",
            settings => { },
            key => key.Replace("_proj.", "_proj.lora.", StringComparison.Ordinal),
            (key, value) => key.EndsWith("gate", StringComparison.Ordinal) ? value.unsqueeze(0) : value
        );

    [Fact]
    public void Mixloras_names_start_with_its_own_and_its_router_belongs_to_the_block()
    {
        using var expected = Load(PaperAdapter.Write(folder, "mixlora"));
        using var published = Load(
            PaperAdapter.Write(
                folder,
                "mixlora",
                settings =>
                {
                    settings.Remove("family");
                    settings["peft_type"] = "MIXLORA";
                    settings["routing_strategy"] = "mixlora";
                    settings["task_type"] = "CAUSAL_LM";
                    settings["bias"] = "none";
                    settings["lora_dropout"] = 0.05;
                    settings["target_modules"] = new JsonArray("q_proj", "v_proj", "fc1", "fc2");
                },
                tensors =>
                    Rename(
                        tensors,
                        key =>
                            key.Replace("vision_model.encoder.layers.", "mixlora.layers.", StringComparison.Ordinal)
                                .Replace("fc1.moe_gate", "moe_gate", StringComparison.Ordinal)
                                .Replace("lora_A", "lora_A.weight", StringComparison.Ordinal)
                                .Replace("lora_B", "lora_B.weight", StringComparison.Ordinal)
                    )
            )
        );
        Assert.Equal(expected.Parts.Select(part => part.Name), published.Parts.Select(part => part.Name));
        foreach (var (one, other) in expected.Parts.Zip(published.Parts))
            foreach (var (first, second) in one.Module.parameters().Zip(other.Module.parameters()))
                Assert.True(Formula.Same(first, second), one.Name);
    }

    private static string Peft(string key) =>
        $"base_model.model.{key}"
            .Replace("lora_A", "lora_A.weight", StringComparison.Ordinal)
            .Replace("lora_B", "lora_B.weight", StringComparison.Ordinal);

    private static Action<JsonObject> LoraOfPeft(string? initialised = null) => settings =>
    {
        settings.Remove("family");
        settings["peft_type"] = "LORA";
        settings["init_lora_weights"] = initialised is null ? true : initialised;
        settings["target_modules"] = new JsonArray("q_proj", "v_proj");
        settings["bias"] = "none";
        settings["use_dora"] = false;
        settings["rank_pattern"] = new JsonObject();
        settings["modules_to_save"] = null;
        settings["lora_dropout"] = 0.05;
    };

    private static void Rename(Dictionary<string, Tensor> tensors, Func<string, string> rename, Func<string, Tensor, Tensor>? change = null)
    {
        foreach (var (key, value) in tensors.ToArray())
        {
            tensors.Remove(key);
            tensors.Add(rename(key), change?.Invoke(key, value) ?? value);
        }
    }

    private void Same(
        string family,
        string read,
        Action<JsonObject> settings,
        Func<string, string> rename,
        Func<string, Tensor, Tensor>? change = null
    )
    {
        using var expected = Load(PaperAdapter.Write(folder, family));
        using var published = Load(PaperAdapter.Write(folder, family, settings, tensors => Rename(tensors, rename, change)));
        Assert.Equal((read, 6), (published.Family, published.Layers.Count));
        foreach (var layer in model.Layers.Where(layer => expected.Layers.ContainsKey(layer.Name)))
            Assert.True(
                Formula.Same(
                    expected.Layers[layer.Name].Delta(model.Weight(layer), null).Weight,
                    published.Layers[layer.Name].Delta(model.Weight(layer), null).Weight
                )
            );
    }

    private Adapter Load(string path) => AdapterCatalog.Default.Load(path, model.Layers);
}
