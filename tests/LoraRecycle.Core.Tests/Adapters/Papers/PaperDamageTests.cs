using System.Text.Json.Nodes;
using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Catalog;
using LoraRecycle.Core.Adapters.Storage;
using LoraRecycle.Core.Tests.Safetensors;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Adapters.Papers;

/// <summary>The same damage to an adapter of every family of the papers, and what only some can have.</summary>
public sealed class PaperDamageTests : IDisposable
{
    private static readonly string Value = PaperAdapter.Layer(1, "self_attn.v_proj");
    private static readonly string Out = PaperAdapter.Layer(1, "self_attn.out_proj");
    private static readonly string First = PaperAdapter.Layer(1, "mlp.fc1");
    private static readonly string Second = PaperAdapter.Layer(1, "mlp.fc2");

    private readonly ScratchFolder folder = new();
    private readonly GoldenModel model = GoldenModel.Of("clip");
    private readonly DisposeScope scope = NewDisposeScope();

    public static TheoryData<string, string> Tensors => new()
    {
        { "lora-xs", $"{Value}.lora_A" },
        { "lora-xs", $"{Value}.lora_latent_mapping" },
        { "lora-sb", $"{Value}.lora_B" },
        { "nlora", $"{Value}.lora_N" },
        { "slora", $"{Value}.lora_A" },
        { "lamda", $"{Value}.lora_A" },
        { "lamda", $"{Value}.sigma" },
        { "sora", $"{Value}.gate" },
        { "loldu", $"{Value}.vector_z" },
        { "loldu", $"{Value}.vector_d" },
        { "loldu", $"{Value}.lora_A" },
        { "block-lora", $"{Value}.lora_A" },
        { "block-lora", $"{Value}.lora_B" },
        { "mixlora", $"{Value}.lora_A" },
        { "mixlora", $"{First}.moe_gate.weight" },
        { "mixlora", $"{First}.experts.2.lora_A" },
        { "mixlora", $"{Second}.experts.3.lora_B" },
    };

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
        model.Dispose();
    }

    [Theory]
    [MemberData(nameof(Tensors))]
    public void A_missing_tensor_is_named(string family, string tensor) =>
        Refused(
            family,
            tensors: t => t.Remove(tensor),
            reasons: [tensor.EndsWith("moe_gate.weight", StringComparison.Ordinal) ? "moe_gate.weight" : tensor, "layers.1"]
        );

    [Theory]
    [MemberData(nameof(Tensors))]
    public void A_wrong_shape_is_named(string family, string tensor) =>
        Refused(family, tensors: t => t[tensor] = ones([3, 5, 7]), reasons: [$"'{tensor}'", "shape [3, 5, 7]", "expected ["]);

    [Theory]
    [MemberData(nameof(Tensors))]
    public void Values_that_are_not_finite_are_named(string family, string tensor) =>
        Refused(family, tensors: t => t[tensor] = full(t[tensor].shape, float.NaN), reasons: [$"'{tensor}'", "NaN or infinite"]);

    [Theory]
    [MemberData(nameof(Tensors))]
    public void A_tensor_that_nothing_uses_is_named(string family, string tensor)
    {
        var more = $"{tensor[..tensor.LastIndexOf('.')]}.something_more";
        Refused(family, tensors: t => t[more] = ones([1]), reasons: [$"'{more}'", "does not use"]);
    }

    [Theory]
    [InlineData("lora-xs", "r", 5)]
    [InlineData("lora-sb", "r", 3)]
    [InlineData("nlora", "r", 5)]
    [InlineData("slora", "r", 5)]
    [InlineData("lamda", "r", 5)]
    [InlineData("sora", "r", 5)]
    [InlineData("loldu", "r", 5)]
    [InlineData("block-lora", "r", 8)]
    [InlineData("block-lora", "blocks", 4)]
    [InlineData("lofit", "num_heads", 8)]
    [InlineData("mixlora", "r", 5)]
    [InlineData("mixlora", "num_experts", 5)]
    public void Sizes_other_than_the_settings_are_refused_by_shape(string family, string setting, int value) =>
        Refused(family, config: c => c[setting] = value, reasons: ["has shape [", "expected ["]);

    [Theory]
    [InlineData("lora-xs", "r", "0")]
    [InlineData("lora-xs", "r", "1e30")]
    [InlineData("slora", "r", "\"four\"")]
    [InlineData("lamda", "lora_alpha", "null")]
    [InlineData("sora", "r", "2.5")]
    [InlineData("block-lora", "blocks", "3")]
    [InlineData("block-lora", "blocks", "0")]
    [InlineData("lofit", "num_heads", "0")]
    [InlineData("lofit", "num_heads", "7")]
    [InlineData("mixlora", "num_experts", "1e9")]
    [InlineData("mixlora", "top_k", "5")]
    [InlineData("mixlora", "top_k", "0")]
    [InlineData("mixlora", "routing_strategy", "\"mixlora-switch\"")]
    [InlineData("mixlora", "act_fn", "\"relu\"")]
    [InlineData("mixlora", "expert_lora", "{\"r\": 2}")]
    [InlineData("mixlora", "use_dora", "true")]
    [InlineData("mixlora", "modules_to_save", "[\"classifier\"]")]
    [InlineData("mixlora", "bias", "\"lora_only\"")]
    [InlineData("lora-xs", "use_dora", "true")]
    [InlineData("nlora", "rank_pattern", "{\"q_proj\": 2}")]
    [InlineData("slora", "modules_to_save", "[\"classifier\"]")]
    [InlineData("loldu", "fan_in_fan_out", "true")]
    [InlineData("sora", "bias", "\"all\"")]
    public void A_setting_that_makes_no_sense_or_is_not_supported_is_named(string family, string setting, string value) =>
        Refused(family, config: c => c[setting] = JsonNode.Parse(value), reasons: ["adapter_config.json", setting]);

    [Theory]
    [InlineData("lora-xs", "lora_A", "signs")]
    [InlineData("lora-sb", "lora_B", "gradients")]
    [InlineData("loldu", "vector_d", "precisions")]
    public void A_frozen_factor_that_was_left_out_is_asked_for_with_the_reason(string family, string factor, string reason) =>
        Refused(
            family,
            tensors: t =>
            {
                foreach (var key in t.Keys.Where(key => key.EndsWith(factor, StringComparison.Ordinal)).ToArray())
                    t.Remove(key);
            },
            reasons: [$"'{PaperAdapter.Layer(0, "self_attn.q_proj")}.{factor}'", reason, "save it with the adapter"]
        );

    [Theory]
    [InlineData("attn_v.4", "expected a number from 0 to 3")]
    [InlineData("attn_v.-1", "expected a number from 0 to 3")]
    [InlineData("attn_A.first", "expected a number from 0 to 3")]
    [InlineData("attn_A.99999999999999999999", "expected a number from 0 to 3")]
    [InlineData("attn_v.03", "two tensors for one head")]
    public void A_head_that_the_model_does_not_have_is_named(string parameter, string reason) =>
        Refused("lofit", tensors: t => t[$"{Out}.{parameter}"] = ones([16]), reasons: [$"'{Out}.{parameter}'", reason]);

    [Theory]
    [InlineData("attn_v.1")]
    [InlineData("attn_A.1")]
    public void A_heads_vector_has_to_be_sound(string parameter)
    {
        Refused(
            "lofit",
            tensors: t => t[$"{Out}.{parameter}"] = ones([17]),
            reasons: [$"'{Out}.{parameter}'", "shape [17]", "expected [16]"]
        );
        Refused(
            "lofit",
            tensors: t => t[$"{Out}.{parameter}"] = full([16], float.PositiveInfinity),
            reasons: [$"'{Out}.{parameter}'", "NaN or infinite"]
        );
    }

    [Fact]
    public void Heads_go_into_the_output_projection_and_nowhere_else() =>
        Refused("lofit", tensors: t => t[$"{Value}.attn_v.0"] = ones([16]), reasons: [$"'{Value}.attn_v.0'", "output projection"]);

    [Fact]
    public void Experts_need_a_router_and_a_router_needs_experts()
    {
        Refused(
            "mixlora",
            tensors: t =>
            {
                foreach (var key in t.Keys.Where(key => key.StartsWith(First, StringComparison.Ordinal)).ToArray())
                    t.Remove(key);
            },
            reasons: ["layers.1", "no router"]
        );
        Refused(
            "mixlora",
            tensors: t =>
            {
                foreach (var key in t.Keys.Where(key => key.Contains("experts", StringComparison.Ordinal)).ToArray())
                    t.Remove(key);
            },
            reasons: ["layers.0", "no experts"]
        );
        Refused(
            "mixlora",
            tensors: t =>
            {
                foreach (var key in t.Keys.Where(key => key.Contains("mlp", StringComparison.Ordinal)).ToArray())
                    t.Remove(key);
            },
            reasons: ["plain LoRA"]
        );
    }

    [Fact]
    public void A_family_that_nobody_knows_is_named_among_those_that_are_known() =>
        Refused("lora-xs", config: c => c["family"] = "lora-xxs", reasons: ["'lora-xxs'", "not supported", "lora-xs, lora-sb"]);

    [Fact]
    public void A_ten_gigabyte_header_is_refused()
    {
        foreach (var family in PaperAdapter.Mergeable.Append("mixlora"))
        {
            var path = PaperAdapter.Write(folder, family);
            File.WriteAllBytes(Path.Combine(path, AdapterFiles.TensorsName), FileBytes.OfLength(10_000_000_000, "{}"));
            Assert.Contains("10000000000 bytes", Load(path), StringComparison.Ordinal);
        }
    }

    private void Refused(
        string family,
        string[] reasons,
        Action<JsonObject>? config = null,
        Action<Dictionary<string, Tensor>>? tensors = null
    )
    {
        var message = Load(PaperAdapter.Write(folder, family, config, tensors));
        Assert.All(reasons, reason => Assert.Contains(reason, message, StringComparison.Ordinal));
    }

    private string Load(string path) => Assert.Throws<AdapterException>(() => AdapterCatalog.Default.Load(path, model.Layers)).Message;
}
