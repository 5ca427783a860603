using System.Text.Json;
using LoraRecycle.Core.Vision.Transformer;

namespace LoraRecycle.Core.Vision.Loading.Families;

/// <summary>The vision transformer as first published (arXiv 2010.11929). Its tanh pooler is a classifier's and is not used.</summary>
public sealed class VitFamily : IModelFamily
{
    internal static readonly NameMap Names = new("encoder.layer.{0}", new Dictionary<string, string>
    {
        ["embeddings.class_token"] = "embeddings.cls_token",
        ["embeddings.distillation_token"] = "embeddings.distillation_token",
        ["embeddings.patch_weight"] = "embeddings.patch_embeddings.projection.weight",
        ["embeddings.patch_bias"] = "embeddings.patch_embeddings.projection.bias",
        ["embeddings.position"] = "embeddings.position_embeddings",
        ["norm1"] = "layernorm_before",
        ["q"] = "attention.attention.query",
        ["k"] = "attention.attention.key",
        ["v"] = "attention.attention.value",
        ["out"] = "attention.output.dense",
        ["norm2"] = "layernorm_after",
        ["fc1"] = "intermediate.dense",
        ["fc2"] = "output.dense",
        ["final_norm"] = "layernorm",
    });

    public IReadOnlyList<string> ModelTypes => ["vit"];

    public IReadOnlyList<string> Prefixes => ["", "vit."];

    public IReadOnlyList<Func<string, string>> Layouts { get; } = [name => Names[name]];

    public VisionTransformerConfig ReadConfig(JsonElement config, Func<string, bool> hasTensor) => Shape(config, "ViT").Validated();

    /// <summary>The shape as config.json has it for this family and those that took over its settings.</summary>
    internal static VisionTransformerConfig Shape(JsonElement config, string family) => new()
    {
        Family = family,
        HiddenSize = config.Int("hidden_size", 768),
        IntermediateSize = config.Int("intermediate_size", 3072),
        LayerCount = config.Int("num_hidden_layers", 12),
        HeadCount = config.Int("num_attention_heads", 12),
        ImageSize = config.Edge("image_size", 224),
        PatchSize = config.Edge("patch_size", 16),
        Channels = config.Int("num_channels", 3),
        LayerNormEps = config.Double("layer_norm_eps", 1e-12),
        Activation = Activations.Parse(config.Text("hidden_act", "gelu")),
        HasQueryBias = config.Bool("qkv_bias", true),
        HasKeyBias = config.Bool("qkv_bias", true),
        HasValueBias = config.Bool("qkv_bias", true),
    };
}
