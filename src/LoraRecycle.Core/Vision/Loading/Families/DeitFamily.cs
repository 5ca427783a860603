using System.Text.Json;
using LoraRecycle.Core.Vision.Transformer;

namespace LoraRecycle.Core.Vision.Loading.Families;

/// <summary>
/// DeiT (arXiv 2012.12877): a ViT with a distillation token after the class token, which stands for the image here too. DeiT without
/// that token is published as a ViT.
/// </summary>
public sealed class DeitFamily : IModelFamily
{
    public IReadOnlyList<string> ModelTypes => ["deit"];

    public IReadOnlyList<Func<string, string>> Layouts { get; } = [name => VitFamily.Names[name]];

    public IReadOnlyList<string> Prefixes => ["", "deit."];

    public VisionTransformerConfig ReadConfig(JsonElement config, Func<string, bool> hasTensor) =>
        (VitFamily.Shape(config, "DeiT") with { HasDistillationToken = hasTensor("embeddings.distillation_token") }).Validated();
}
