using System.Text.Json.Nodes;
using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Catalog;
using LoraRecycle.Core.Tests.Safetensors;
using TorchSharp;

namespace LoraRecycle.Core.Tests.Adapters.Lora;

public sealed class LoraVariantDamageTests : IDisposable
{
    private const string Layer = "base_model.model.vision_model.encoder.layers.1.self_attn.v_proj.";

    private readonly ScratchFolder folder = new();
    private readonly GoldenModel model = GoldenModel.Of("clip");
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public static TheoryData<string, string> Parameters => new()
    {
        { "kasa", "lora_diag" },
        { "kasa", "lora_B.weight" },
        { "blocks", "lora_A.weight" },
        { "blocks", "lora_B.weight" },
        { "bias_of_b", "lora_B.bias" },
    };

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
        model.Dispose();
    }

    [Theory]
    [MemberData(nameof(Parameters))]
    public void A_missing_tensor_is_named(string variant, string parameter) =>
        Refused(
            variant,
            [$"no tensor '{Layer}{parameter.Replace(".weight", "", StringComparison.Ordinal)}'"],
            tensors: t => t.Remove(Layer + parameter)
        );

    [Theory]
    [MemberData(nameof(Parameters))]
    public void A_wrong_shape_is_named(string variant, string parameter) =>
        Refused(
            variant,
            [$"'{Layer}{parameter}'", "shape [3, 5, 7]", "expected ["],
            tensors: t => t[Layer + parameter] = torch.ones([3, 5, 7])
        );

    [Theory]
    [MemberData(nameof(Parameters))]
    public void Values_that_are_not_finite_are_named(string variant, string parameter) =>
        Refused(
            variant,
            [$"'{Layer}{parameter}'", "NaN or infinite"],
            tensors: t => t[Layer + parameter] = torch.full(t[Layer + parameter].shape, float.NaN)
        );

    [Theory]
    [InlineData("kasa")]
    [InlineData("blocks")]
    [InlineData("bias_of_b")]
    public void A_rank_other_than_the_settings_is_refused_by_shape(string variant) =>
        Refused(variant, ["has shape [", "expected ["], config => config["r"] = 8);

    [Theory]
    [InlineData("kasa", "kasa_config", "lora_diag")]
    [InlineData("blocks", "use_bdlora", "lora_B.weight")]
    [InlineData("bias_of_b", "lora_bias", "lora_B.bias")]
    public void A_variant_that_the_settings_do_not_announce_is_refused(string variant, string setting, string parameter) =>
        Refused(variant, [parameter], config => config[setting] = null);

    [Fact]
    public void Kasa_of_the_layers_whole_rank_would_leave_nothing_of_its_weight() => Refused(
        "kasa", ["rank 64", "below 64", "self_attn.q_proj"], config => config["r"] = 64, tensors =>
        {
            foreach (var key in tensors.Keys.ToArray())
                tensors[key] = torch.ones([.. tensors[key].shape.Select(size => size == 4 ? 64 : size)]);
        });

    [Fact]
    public void Kasa_of_queries_keys_and_values_in_one_is_refused() =>
        Assert.Contains(
            "three layers in this model",
            Load(VariantFiles.Fused(folder, "lora_diag", torch.ones(4), config => config["kasa_config"] = new JsonObject { ["beta"] = 1 })),
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("nblocks", "0")]
    [InlineData("nblocks", "1e9")]
    [InlineData("nblocks", "null")]
    [InlineData("nblocks", "3")]
    [InlineData("match_strict", "7")]
    [InlineData("target_modules_bd_a", "[1]")]
    [InlineData("target_modules_bd_a", "[]")]
    [InlineData("target_modules_bd_b", "[\"proj\"]")]
    public void Settings_of_blocks_that_make_no_sense_are_named(string setting, string value) =>
        Refused(
            "blocks",
            ["adapter_config.json", setting == "match_strict" ? setting : setting[..7]],
            config => config["use_bdlora"]![setting] = JsonNode.Parse(value)
        );

    [Fact]
    public void A_rank_beyond_the_layers_width_is_refused_before_its_blocks_are_spread_out() =>
        Refused("blocks", ["rank 1000000", "at most 64"], config => config["r"] = 1_000_000);

    [Theory]
    [InlineData("kasa", "use_dora", "true")]
    [InlineData("blocks", "use_dora", "true")]
    [InlineData("blocks", "kasa_config", "{\"beta\":1}")]
    [InlineData("bias_of_b", "use_dora", "true")]
    public void Variants_that_peft_does_not_combine_are_refused(string variant, string setting, string value) =>
        Refused(variant, ["exclude each other", setting], config => config[setting] = JsonNode.Parse(value));

    [Theory]
    [InlineData("pissa")]
    [InlineData("pissa_niter_16")]
    [InlineData("olora")]
    [InlineData("corda")]
    [InlineData("lora_ga")]
    public void Factors_that_were_taken_out_of_the_base_have_to_be_converted(string start) =>
        Refused(
            "kasa",
            ["init_lora_weights", $"'{start}'", "path_initial_model_for_weight_conversion"],
            config => config["init_lora_weights"] = start
        );

    [Fact]
    public void Factors_for_a_quantised_base_are_refused_with_another_reason() =>
        Refused("kasa", ["'loftq'", "quantised", "Train the adapter on the model itself"], config => config["init_lora_weights"] = "loftq");

    [Theory]
    [InlineData("gaussian")]
    [InlineData("eva")]
    [InlineData("orthogonal")]
    [InlineData("mica")]
    public void Factors_that_started_beside_the_base_are_read(string start) =>
        AdapterCatalog
            .Default.Load(DamagedAdapter.Copy(folder, "lora_qv", config => config["init_lora_weights"] = start), model.Layers)
            .Dispose();

    private void Refused(
        string variant,
        string[] reasons,
        Action<JsonObject>? config = null,
        Action<Dictionary<string, torch.Tensor>>? tensors = null
    )
    {
        var source = variant switch
        {
            "kasa" => VariantFiles.Kasa(folder),
            "blocks" => VariantFiles.Blocks(folder),
            _ => VariantFiles.BiasOfB(folder),
        };
        var message = Load(DamagedAdapter.CopyOf(source, folder, config, tensors));
        Assert.All(reasons, reason => Assert.Contains(reason, message, StringComparison.Ordinal));
    }

    private string Load(string path) => Assert.Throws<AdapterException>(() => AdapterCatalog.Default.Load(path, model.Layers)).Message;
}
