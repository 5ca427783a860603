using System.Text.Json;
using LoraRecycle.Core.Vision.Transformer;

namespace LoraRecycle.Core.Vision.Loading.Families;

/// <summary>CLIP's vision tower (arXiv 2103.00020), alone or in the whole model; the text tower is skipped.</summary>
public sealed class ClipFamily : IModelFamily
{
    private static readonly NameMap Names = new("vision_model.encoder.layers.{0}", new Dictionary<string, string>
    {
        ["embeddings.class_token"] = "vision_model.embeddings.class_embedding",
        ["embeddings.patch_weight"] = "vision_model.embeddings.patch_embedding.weight",
        ["embeddings.position"] = "vision_model.embeddings.position_embedding.weight",
        ["embeddings.pre_norm"] = "vision_model.pre_layrnorm", // spelt so in every CLIP checkpoint
        ["norm1"] = "layer_norm1",
        ["q"] = "self_attn.q_proj",
        ["k"] = "self_attn.k_proj",
        ["v"] = "self_attn.v_proj",
        ["out"] = "self_attn.out_proj",
        ["norm2"] = "layer_norm2",
        ["fc1"] = "mlp.fc1",
        ["fc2"] = "mlp.fc2",
        ["final_norm"] = "vision_model.post_layernorm",
        ["projection"] = "visual_projection",
    });

    public IReadOnlyList<string> ModelTypes => ["clip", "clip_vision_model"];

    public IReadOnlyList<string> Prefixes => ["", "clip."];

    public IReadOnlyList<Func<string, string>> Layouts { get; } = [name => Names[name]];

    public VisionTransformerConfig ReadConfig(JsonElement config, Func<string, bool> hasTensor)
    {
        var vision = VisionOf(config);
        return new VisionTransformerConfig
        {
            Family = "CLIP",
            HiddenSize = vision.Int("hidden_size", 768),
            IntermediateSize = vision.Int("intermediate_size", 3072),
            LayerCount = vision.Int("num_hidden_layers", 12),
            HeadCount = vision.Int("num_attention_heads", 12),
            ImageSize = vision.Edge("image_size", 224),
            PatchSize = vision.Edge("patch_size", 32),
            Channels = vision.Int("num_channels", 3),
            LayerNormEps = vision.Double("layer_norm_eps", 1e-5),
            Activation = Activations.Parse(vision.Text("hidden_act", "quick_gelu")),
            HasPatchBias = false,
            HasPreNorm = true,
            NormalisesAllTokens = false,
            ProjectionSize = hasTensor("projection.weight") ? config.Int("projection_dim", vision.Int("projection_dim", 512)) : null,
        }.Validated();
    }

    /// <summary>Old files have the vision tower twice; as in transformers, <c>vision_config_dict</c> then counts alone, and what it leaves
    /// out has its usual value.</summary>
    private static JsonElement VisionOf(JsonElement config) =>
        config.TryGetProperty("vision_config_dict", out var older) && older.ValueKind == JsonValueKind.Object ? older : config.Vision();
}
