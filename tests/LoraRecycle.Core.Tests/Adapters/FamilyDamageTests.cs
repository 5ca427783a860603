using System.Text.Json.Nodes;
using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Catalog;
using LoraRecycle.Core.Tests.Safetensors;
using TorchSharp;

namespace LoraRecycle.Core.Tests.Adapters;

/// <summary>The same damage to an adapter of every family, and what only some can have.</summary>
public sealed class FamilyDamageTests : IDisposable
{
    private const string Layer = "base_model.model.vision_model.encoder.layers.1.self_attn.v_proj.";

    private readonly ScratchFolder folder = new();
    private readonly GoldenModel model = GoldenModel.Of("clip");

    public static TheoryData<string, string> Parameters => new()
    {
        { "vera", "vera_lambda_b" },
        { "vera", "vera_lambda_d" },
        { "randlora", "randlora_lambda" },
        { "randlora", "randlora_gamma" },
        { "loha", "hada_w1_a" },
        { "loha", "hada_w2_b" },
        { "lokr", "lokr_w1" },
        { "lokr", "lokr_w2" },
        { "ia3", "ia3_l" },
        { "oft", "oft_R.weight" },
        { "boft", "boft_R" },
        { "boft", "boft_s" },
        { "hra", "hra_u" },
        { "fourierft", "fourierft_spectrum" },
        { "vblora", "vblora_logits_A" },
        { "vblora", "vblora_logits_B" },
    };

    public void Dispose()
    {
        folder.Dispose();
        model.Dispose();
    }

    [Theory]
    [MemberData(nameof(Parameters))]
    public void A_missing_tensor_is_named(string name, string parameter) =>
        Refused(
            name,
            tensors: t => t.Remove(Layer + parameter),
            reasons:
            [
                parameter.StartsWith("lokr", StringComparison.Ordinal) || SoleOf(name)
                    ? "layers.1.self_attn.v_proj"
                    : $"{Layer}{parameter}",
            ]
        );

    [Theory]
    [MemberData(nameof(Parameters))]
    public void A_wrong_shape_is_named(string name, string parameter) =>
        Refused(
            name,
            tensors: t => t[Layer + parameter] = torch.ones([3, 5, 7]),
            reasons: [$"'{Layer}{parameter}'", "shape [3, 5, 7]", "expected ["]
        );

    [Theory]
    [MemberData(nameof(Parameters))]
    public void Values_that_are_not_finite_are_named(string name, string parameter) =>
        Refused(
            name,
            tensors: t => t[Layer + parameter] = torch.full(t[Layer + parameter].shape, float.NaN),
            reasons: [$"'{Layer}{parameter}'", "NaN or infinite"]
        );

    [Theory]
    [MemberData(nameof(Parameters))]
    public void A_tensor_that_nothing_uses_is_named(string name, string parameter) =>
        Refused(
            name,
            tensors: t => t[$"{Layer}{parameter[..3]}_more"] = torch.ones([1]),
            reasons: [$"'{Layer}{parameter[..3]}_more'", "does not use"]
        );

    [Theory]
    [InlineData("vera", "base_model.vera_A")]
    [InlineData("vera", "base_model.vera_B")]
    [InlineData("randlora", "base_model.randlora_A")]
    [InlineData("randlora", "base_model.randlora_B")]
    [InlineData("vblora", "base_model.vblora_vector_bank")]
    public void What_all_layers_share_has_to_be_there_and_sound(string name, string shared)
    {
        Refused(name, tensors: t => t.Remove(shared), reasons: [$"'{shared}'"]);
        Refused(name, tensors: t => t[shared] = torch.ones([3]), reasons: [$"'{shared}'", "shape [3]"]);
        Refused(
            name,
            tensors: t => t[shared] = torch.full(t[shared].shape, float.NegativeInfinity),
            reasons: [$"'{shared}'", "NaN or infinite"]
        );
    }

    [Theory]
    [InlineData("vera", "r", 15)]
    [InlineData("randlora", "r", 5)]
    [InlineData("loha", "r", 5)]
    [InlineData("oft", "oft_block_size", 16)]
    [InlineData("boft", "boft_block_size", 16)]
    [InlineData("hra", "r", 5)]
    [InlineData("fourierft", "n_frequency", 65)]
    [InlineData("vblora", "r", 5)]
    [InlineData("vblora", "num_vectors", 15)]
    [InlineData("vblora", "vector_length", 8)]
    public void Sizes_other_than_the_settings_are_refused_by_shape(string name, string setting, int value) =>
        Refused(name, config: c => c[setting] = value, reasons: ["has shape [", "expected ["]);

    [Theory]
    [InlineData("vera", "r", "1e12")]
    [InlineData("vera", "r", "0")]
    [InlineData("vera", "projection_prng_key", "0.5", true)]
    [InlineData("randlora", "r", "1e9")]
    [InlineData("loha", "r", "-4")]
    [InlineData("lokr", "decompose_factor", "-2")]
    [InlineData("lokr", "alpha", "\"four\"")]
    [InlineData("ia3", "feedforward_modules", "null")]
    [InlineData("ia3", "feedforward_modules", "\"(((\"")]
    [InlineData("oft", "r", "8")]
    [InlineData("oft", "num_cayley_neumann_terms", "1e9")]
    [InlineData("oft", "peft_version", "\"0.17.1\"")]
    [InlineData("boft", "boft_block_num", "8")]
    [InlineData("boft", "boft_n_butterfly_factor", "99")]
    [InlineData("hra", "r", "1e9")]
    [InlineData("fourierft", "n_frequency", "1e9")]
    [InlineData("fourierft", "n_frequency", "0")]
    [InlineData("fourierft", "random_loc_seed", "-1")]
    [InlineData("vblora", "topk", "17")]
    [InlineData("vblora", "r", "1e9")]
    public void A_setting_that_makes_no_sense_is_named(string name, string setting, string value, bool drawn = false) => Refused(
        name, config: c => { c[setting] = JsonNode.Parse(value); if (drawn) c["save_projection"] = false; },
        tensors: t => { if (drawn) { t.Remove("base_model.vera_A"); t.Remove("base_model.vera_B"); } },
        reasons: ["adapter_config.json", setting is "r" ? "r" : setting.Split('_')[0]]);

    [Theory]
    [InlineData("vera")]
    [InlineData("ia3")]
    [InlineData("hra")]
    public void Settings_that_change_what_tensors_mean_are_refused_by_name(string name)
    {
        Refused(name, config: c => c["fan_in_fan_out"] = true, reasons: ["fan_in_fan_out"]);
        Refused(name, config: c => c["modules_to_save"] = new JsonArray("classifier"), reasons: ["modules_to_save"]);
        Refused(name, config: c => c["bias"] = "all", reasons: ["bias = 'all'"]);
        Refused(name, config: c => c["use_something_new"] = true, reasons: ["use_something_new"]);
    }

    [Fact]
    public void Random_bases_that_no_seed_gives_are_asked_for() =>
        Refused(
            "randlora",
            tensors: t =>
            {
                foreach (
                    var key in t
                        .Keys.Where(key =>
                            key.EndsWith("randlora_A", StringComparison.Ordinal) || key.EndsWith("randlora_B", StringComparison.Ordinal)
                        )
                        .ToArray()
                )
                    t.Remove(key);
            },
            reasons: ["save_projection=True"]
        );

    [Fact]
    public void Vectors_that_do_not_fill_a_layers_width_are_refused() => Refused(
        "vblora", config: c => c["vector_length"] = 24, tensors: t => t["base_model.vblora_vector_bank"] = torch.ones([16, 24]),
        reasons: ["vector_length = 24", "width 64"]);

    [Fact]
    public void A_layers_own_copy_of_a_basis_must_be_the_shared_one() =>
        Refused("randlora", tensors: t => t[$"{Layer}randlora_A"] = torch.ones([4, 1, 64]), reasons: [$"'{Layer}randlora_A'", "differs"]);

    [Fact]
    public void A_reflection_without_a_plane_is_refused() =>
        Refused("hra", tensors: t => t[$"{Layer}hra_u"].narrow(1, 2, 1).zero_(), reasons: [$"'{Layer}hra_u'", "a zero vector"]);

    [Fact]
    public void A_ten_gigabyte_header_is_refused()
    {
        foreach (var name in Parameters.Select(row => row.Data.Item1).Distinct())
        {
            var copy = DamagedAdapter.Copy(folder, name);
            File.WriteAllBytes(Path.Combine(copy, "adapter_model.safetensors"), FileBytes.OfLength(10_000_000_000, "{}"));
            Assert.Contains("10000000000 bytes", Load(copy), StringComparison.Ordinal);
        }
    }

    // Without its one tensor there is nothing left of the layer.
    private static bool SoleOf(string name) => name is "ia3" or "oft" or "hra" or "fourierft";

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
