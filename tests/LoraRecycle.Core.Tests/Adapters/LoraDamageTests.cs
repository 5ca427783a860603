using System.Text.Json.Nodes;
using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Catalog;
using LoraRecycle.Core.Tests.Safetensors;
using TorchSharp;

namespace LoraRecycle.Core.Tests.Adapters;

public sealed class LoraDamageTests : IDisposable
{
    private const string Layer = "base_model.model.vision_model.encoder.layers.1.self_attn.v_proj";

    private readonly ScratchFolder folder = new();
    private readonly GoldenModel model = GoldenModel.Of("clip");

    public void Dispose()
    {
        folder.Dispose();
        model.Dispose();
    }

    [Fact]
    public void A_missing_tensor_is_named() =>
        Refused("lora_qv", tensors: t => t.Remove($"{Layer}.lora_B.weight"), reasons: [$"no tensor '{Layer}.lora_B'"]);

    [Fact]
    public void A_missing_layer_is_named() => Refused(
        "lora_qv",
        tensors: t => { t.Remove($"{Layer}.lora_A.weight"); t.Remove($"{Layer}.lora_B.weight"); },
        reasons: ["no tensors for 'vision_model.encoder.layers.1.self_attn.v_proj'", "target_modules"]);

    [Fact]
    public void A_layer_that_the_settings_do_not_name_is_refused() =>
        Refused(
            "lora_qv",
            config: c => c["target_modules"] = new JsonArray("q_proj"),
            reasons: ["'vision_model.encoder.layers.0.self_attn.v_proj'", "target_modules"]
        );

    [Fact]
    public void A_wrong_shape_is_named() =>
        Refused(
            "lora_qv",
            tensors: t => t[$"{Layer}.lora_A.weight"] = torch.ones([4, 63]),
            reasons: [$"'{Layer}.lora_A.weight'", "shape [4, 63]", "expected [4, 64]"]
        );

    [Fact]
    public void A_rank_other_than_the_settings_is_named() =>
        Refused("lora_qv", config: c => c["r"] = 8, reasons: ["lora_A.weight'", "shape [4, 64]", "expected [8, 64]"]);

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Values_that_are_not_finite_are_named(float value) =>
        Refused(
            "lora_qv",
            tensors: t => t[$"{Layer}.lora_B.weight"] = torch.full([64, 4], value),
            reasons: [$"'{Layer}.lora_B.weight'", "NaN or infinite"]
        );

    [Fact]
    public void Whole_numbers_in_place_of_weights_are_refused() =>
        Refused(
            "lora_qv",
            tensors: t => t[$"{Layer}.lora_B.weight"] = torch.zeros([64, 4], dtype: torch.int64),
            reasons: [$"'{Layer}.lora_B.weight'", "type I64"]
        );

    [Fact]
    public void A_tensor_for_no_layer_is_named() =>
        Refused(
            "lora_qv",
            tensors: t => t["base_model.model.text_model.q_proj.lora_A.weight"] = torch.ones([4, 64]),
            reasons: ["'base_model.model.text_model.q_proj.lora_A.weight'"]
        );

    [Fact]
    public void A_tensor_that_nothing_uses_is_named() =>
        Refused("lora_qv", tensors: t => t[$"{Layer}.lora_E"] = torch.ones([4, 1]), reasons: [$"'{Layer}.lora_E'", "does not use"]);

    [Fact]
    public void A_parameter_that_is_there_twice_is_refused() =>
        Refused(
            "lora_qv",
            tensors: t => t[$"{Layer}.lora_A.default.weight"] = torch.ones([4, 64]),
            reasons: [$"'{Layer}.lora_A.default.weight'", "two tensors"]
        );

    [Fact]
    public void Magnitudes_without_dora_and_dora_without_magnitudes_are_refused()
    {
        Refused("dora_all", config: c => c["use_dora"] = false, reasons: ["lora_magnitude_vector'", "does not use"]);
        Refused("rslora_all", config: c => c["use_dora"] = true, reasons: ["lora_magnitude_vector'"]);
    }

    [Fact]
    public void Biases_that_the_settings_do_not_announce_are_refused() =>
        Refused("lora_bias", config: c => c["bias"] = "none", reasons: ["base_layer.bias'", "does not use"]);

    [Theory]
    [InlineData("fan_in_fan_out", "true")]
    [InlineData("modules_to_save", "[\"classifier\"]")]
    [InlineData("use_qalora", "true")]
    [InlineData("use_bdlora", "{\"nblocks\":2}")]
    [InlineData("arrow_config", "{\"top_k\":3}")]
    [InlineData("kasa_config", "true")]
    [InlineData("monteclora_config", "{\"num_samples\":4}")]
    [InlineData("velora_config", "{\"num_groups\":4}")]
    [InlineData("layer_replication", "[[0,2]]")]
    [InlineData("target_parameters", "[\"experts.gate\"]")]
    [InlineData("bias", "\"all\"")]
    [InlineData("use_something_new", "true")]
    [InlineData("init_lora_weights", "\"something_new\"")]
    public void What_is_not_supported_is_refused_by_name(string setting, string value) =>
        Refused("lora_qv", config: c => c[setting] = JsonNode.Parse(value), reasons: [setting]);

    [Theory]
    [InlineData("r", "0")]
    [InlineData("r", "2.5")]
    [InlineData("r", "\"four\"")]
    [InlineData("r", "1e300")]
    [InlineData("r", "null")]
    [InlineData("lora_alpha", "1e999")]
    [InlineData("lora_alpha", "[]")]
    [InlineData("use_rslora", "\"yes\"")]
    [InlineData("rank_pattern", "[1]")]
    [InlineData("rank_pattern", "{\"q_proj\":\"many\"}")]
    [InlineData("alpha_pattern", "{\"q_proj(\":1}")]
    [InlineData("alpha_pattern", "{\"(?<name>a)q_proj\":1}")]
    [InlineData("alpha_pattern", "{\"a**\":1}")]
    [InlineData("target_modules", "[1]")]
    [InlineData("target_modules", "\"(((\"")]
    public void A_setting_that_makes_no_sense_is_named(string setting, string value) =>
        Refused(
            "lora_qv",
            config: c => c[setting] = JsonNode.Parse(value),
            reasons: ["adapter_config.json", setting == "r" ? " r" : setting]
        );

    [Fact]
    public void A_setting_that_is_missing_is_named() => Refused("lora_qv", config: c => c.Remove("lora_alpha"), reasons: ["lora_alpha"]);

    [Fact]
    public void Patterns_by_the_thousand_are_refused() =>
        Refused(
            "lora_qv",
            config: c =>
                c["rank_pattern"] = new JsonObject(Enumerable.Range(0, 100_000).Select(i => KeyValuePair.Create($"a{i}", (JsonNode?)4))),
            reasons: ["rank_pattern", "100000 keys"]
        );

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"peft_type\":\"LORA\"")]
    [InlineData("{\"peft_type\":\"LORA\",\"peft_type\":\"LORA\"}")]
    [InlineData("{\"peft_type\":\"\\ud800\"}")]
    public void A_config_that_is_no_object_of_settings_is_refused(string json)
    {
        var copy = DamagedAdapter.Copy(folder, "lora_qv");
        File.WriteAllText(Path.Combine(copy, "adapter_config.json"), json);
        Assert.Contains("adapter_config.json", Load(copy), StringComparison.Ordinal);
    }

    [Fact]
    public void A_ten_gigabyte_header_is_refused()
    {
        var copy = DamagedAdapter.Copy(folder, "lora_qv");
        File.WriteAllBytes(Path.Combine(copy, "adapter_model.safetensors"), FileBytes.OfLength(10_000_000_000, "{}"));
        Assert.Contains("10000000000 bytes", Load(copy), StringComparison.Ordinal);
    }

    [Fact]
    public void Targets_given_as_an_expression_and_raw_key_names_are_read()
    {
        var copy = DamagedAdapter.Copy(
            folder, "lora_qv", config => config["target_modules"] = @".*\.self_attn\.(q|v)_proj",
            tensors =>
            {
                foreach (var name in tensors.Keys.ToArray())
                {
                    tensors[
                        name.Replace("base_model.model.", "", StringComparison.Ordinal)
                            .Replace(".weight", ".default.weight", StringComparison.Ordinal)
                    ] = tensors[name];
                    tensors.Remove(name);
                }
            });
        using var adapter = AdapterCatalog.Default.Load(copy, model.Layers);
        Assert.Equal(6, adapter.Layers.Count);
    }

    private void Refused(
        string name,
        string[] reasons,
        Action<JsonObject>? config = null,
        Action<Dictionary<string, torch.Tensor>>? tensors = null
    )
    {
        var message = Load(DamagedAdapter.Copy(folder, name, config, tensors));
        Assert.All(reasons, reason => Assert.Contains(reason, message, StringComparison.Ordinal));
    }

    private string Load(string path) => Assert.Throws<AdapterException>(() => AdapterCatalog.Default.Load(path, model.Layers)).Message;
}
