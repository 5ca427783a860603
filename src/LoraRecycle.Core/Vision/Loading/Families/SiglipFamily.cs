using System.Text.Json;
using LoraRecycle.Core.Vision.Transformer;

namespace LoraRecycle.Core.Vision.Loading.Families;

/// <summary>SigLIP's vision tower (arXiv 2303.15343): no class token, a head that attends to all patches.</summary>
public sealed class SiglipFamily : IModelFamily
{
    private static readonly NameMap Names = new("encoder.layers.{0}", new Dictionary<string, string>
    {
        ["embeddings.patch_weight"] = "embeddings.patch_embedding.weight",
        ["embeddings.patch_bias"] = "embeddings.patch_embedding.bias",
        ["embeddings.position"] = "embeddings.position_embedding.weight",
        ["norm1"] = "layer_norm1",
        ["q"] = "self_attn.q_proj",
        ["k"] = "self_attn.k_proj",
        ["v"] = "self_attn.v_proj",
        ["out"] = "self_attn.out_proj",
        ["norm2"] = "layer_norm2",
        ["fc1"] = "mlp.fc1",
        ["fc2"] = "mlp.fc2",
        ["final_norm"] = "post_layernorm",
        ["pooling.probe"] = "head.probe",
        ["pooling.in_weight"] = "head.attention.in_proj_weight",
        ["pooling.in_bias"] = "head.attention.in_proj_bias",
        ["pooling.out"] = "head.attention.out_proj",
        ["pooling.norm"] = "head.layernorm",
        ["pooling.fc1"] = "head.mlp.fc1",
        ["pooling.fc2"] = "head.mlp.fc2",
    });

    public IReadOnlyList<string> ModelTypes => ["siglip", "siglip_vision_model"];

    public IReadOnlyList<string> Prefixes => ["", "vision_model."];

    public IReadOnlyList<Func<string, string>> Layouts { get; } = [name => Names[name]];

    public VisionTransformerConfig ReadConfig(JsonElement config, Func<string, bool> hasTensor)
    {
        var vision = config.Vision();
        if (!vision.Bool("vision_use_head", true))
            throw new ModelException(
                "A SigLIP vision tower without its attention head gives no image embedding. Use a checkpoint with vision_use_head."
            );
        return new VisionTransformerConfig
        {
            Family = "SigLIP",
            HiddenSize = vision.Int("hidden_size", 768),
            IntermediateSize = vision.Int("intermediate_size", 3072),
            LayerCount = vision.Int("num_hidden_layers", 12),
            HeadCount = vision.Int("num_attention_heads", 12),
            ImageSize = vision.Edge("image_size", 224),
            PatchSize = vision.Edge("patch_size", 16),
            Channels = vision.Int("num_channels", 3),
            LayerNormEps = vision.Double("layer_norm_eps", 1e-6),
            Activation = Activations.Parse(vision.Text("hidden_act", "gelu_pytorch_tanh")),
            HasClassToken = false,
            Pooling = Pooling.Attention,
        }.Validated();
    }
}
