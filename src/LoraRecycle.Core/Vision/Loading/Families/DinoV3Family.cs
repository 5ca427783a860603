using System.Text.Json;
using LoraRecycle.Core.Vision.Transformer;

namespace LoraRecycle.Core.Vision.Loading.Families;

/// <summary>DINOv3's vision transformers (arXiv 2508.10104): registers, positions as rotations, plain or gated feed-forward
/// blocks.</summary>
public sealed class DinoV3Family : IModelFamily
{
    private static readonly Dictionary<string, string> Modules = new()
    {
        ["embeddings.class_token"] = "embeddings.cls_token",
        ["embeddings.registers"] = "embeddings.register_tokens",
        ["embeddings.patch_weight"] = "embeddings.patch_embeddings.weight",
        ["embeddings.patch_bias"] = "embeddings.patch_embeddings.bias",
        ["norm1"] = "norm1",
        ["q"] = "attention.q_proj",
        ["k"] = "attention.k_proj",
        ["v"] = "attention.v_proj",
        ["out"] = "attention.o_proj",
        ["scale1"] = "layer_scale1.lambda1",
        ["norm2"] = "norm2",
        ["gate"] = "mlp.gate_proj",
        ["fc1"] = "mlp.up_proj",
        ["fc2"] = "mlp.down_proj",
        ["scale2"] = "layer_scale2.lambda1",
        ["final_norm"] = "norm",
    };

    // As the files on the hub have it, and as transformers 5 has it in memory.
    private static readonly NameMap Published = new("layer.{0}", Modules), InMemory = new("model.layer.{0}", Modules);

    public IReadOnlyList<string> ModelTypes => ["dinov3_vit"];

    public IReadOnlyList<Func<string, string>> Layouts { get; } = [name => Published[name], name => InMemory[name]];

    public IReadOnlyList<string> Prefixes => ["", "dinov3_vit."];

    public VisionTransformerConfig ReadConfig(JsonElement config, Func<string, bool> hasTensor) => new VisionTransformerConfig
    {
        Family = "DINOv3",
        HiddenSize = config.Int("hidden_size", 384),
        IntermediateSize = config.Int("intermediate_size", 1536),
        LayerCount = config.Int("num_hidden_layers", 12),
        HeadCount = config.Int("num_attention_heads", 6),
        ImageSize = config.Edge("image_size", 224),
        PatchSize = config.Edge("patch_size", 16),
        Channels = config.Int("num_channels", 3),
        LayerNormEps = config.Double("layer_norm_eps", 1e-5),
        Activation = Activations.Parse(config.Text("hidden_act", "gelu")),
        HasQueryBias = config.Bool("query_bias", true),
        HasKeyBias = config.Bool("key_bias", false),
        HasValueBias = config.Bool("value_bias", true),
        HasOutBias = config.Bool("proj_bias", true),
        HasFeedForwardBias = config.Bool("mlp_bias", true),
        IsGated = config.Bool("use_gated_mlp", false),
        HasLayerScale = true,
        RegisterCount = config.Int("num_register_tokens", 0),
        HasPositionTable = false,
        RotaryBase = RotaryBaseOf(config),
    }.Validated();

    /// <summary>transformers 5 has moved it into the settings of rotations.</summary>
    private static double RotaryBaseOf(JsonElement config) =>
        config.TryGetProperty("rope_parameters", out var rotations) && rotations.ValueKind == JsonValueKind.Object
            ? rotations.Double("rope_theta", config.Double("rope_theta", 100))
            : config.Double("rope_theta", 100);
}
