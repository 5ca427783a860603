using System.Text.Json;
using LoraRecycle.Core.Vision.Transformer;

namespace LoraRecycle.Core.Vision.Loading.Families;

/// <summary>DINOv2 (arXiv 2304.07193), with and without registers (arXiv 2309.16588).</summary>
public sealed class DinoV2Family : IModelFamily
{
    private const string WithRegisters = "dinov2_with_registers";
    private const int UsualRegisters = 4;

    private static readonly NameMap Names = new("encoder.layer.{0}", new Dictionary<string, string>
    {
        ["embeddings.class_token"] = "embeddings.cls_token",
        ["embeddings.registers"] = "embeddings.register_tokens",
        ["embeddings.patch_weight"] = "embeddings.patch_embeddings.projection.weight",
        ["embeddings.patch_bias"] = "embeddings.patch_embeddings.projection.bias",
        ["embeddings.position"] = "embeddings.position_embeddings",
        ["norm1"] = "norm1",
        ["q"] = "attention.attention.query",
        ["k"] = "attention.attention.key",
        ["v"] = "attention.attention.value",
        ["out"] = "attention.output.dense",
        ["scale1"] = "layer_scale1.lambda1",
        ["norm2"] = "norm2",
        ["fc1"] = "mlp.fc1",
        ["fc2"] = "mlp.fc2",
        ["scale2"] = "layer_scale2.lambda1",
        ["final_norm"] = "layernorm",
    });

    public IReadOnlyList<string> ModelTypes => ["dinov2", WithRegisters];

    public IReadOnlyList<string> Prefixes => ["", "dinov2.", "dinov2_with_registers."];

    public IReadOnlyList<Func<string, string>> Layouts { get; } = [name => Names[name]];

    public VisionTransformerConfig ReadConfig(JsonElement config, Func<string, bool> hasTensor)
    {
        if (config.Bool("use_swiglu_ffn", false))
            throw new ModelException(
                "DINOv2 with a SwiGLU feed-forward block (the giant variant) is not supported. Use the small, base or large variant."
            );
        var hidden = config.Int("hidden_size", 768);
        var hasRegisters = config.Text("model_type", "") == WithRegisters;
        return new VisionTransformerConfig
        {
            Family = "DINOv2",
            HiddenSize = hidden,
            IntermediateSize = (int)(hidden * config.Double("mlp_ratio", 4)),
            LayerCount = config.Int("num_hidden_layers", 12),
            HeadCount = config.Int("num_attention_heads", 12),
            ImageSize = config.Edge("image_size", 224),
            PatchSize = config.Edge("patch_size", hasRegisters ? 16 : 14),
            Channels = config.Int("num_channels", 3),
            LayerNormEps = config.Double("layer_norm_eps", 1e-6),
            Activation = Activations.Parse(config.Text("hidden_act", "gelu")),
            HasQueryBias = config.Bool("qkv_bias", true),
            HasKeyBias = config.Bool("qkv_bias", true),
            HasValueBias = config.Bool("qkv_bias", true),
            HasLayerScale = true,
            RegisterCount = hasRegisters ? config.Int("num_register_tokens", UsualRegisters) : 0,
            ResamplesAntialiased = hasRegisters,
        }.Validated();
    }
}
