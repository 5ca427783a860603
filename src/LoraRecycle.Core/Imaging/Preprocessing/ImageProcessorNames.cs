namespace LoraRecycle.Core.Imaging.Preprocessing;

/// <summary>Finds the processor by the names that Hugging Face files have used for it.</summary>
internal static class ImageProcessorNames
{
    private static readonly (string Stem, ImageProcessorKind Kind)[] Processors =
    [
        ("CLIP", ImageProcessorKind.Clip),
        ("ViT", ImageProcessorKind.Vit),
        ("Siglip", ImageProcessorKind.Siglip),
        ("Bit", ImageProcessorKind.Bit),
        ("DeiT", ImageProcessorKind.Deit),
        ("DINOv3ViT", ImageProcessorKind.DinoV3),
    ];

    // "Fast" and "Pil" name the same processor on another backend; the feature extractors are its name of old.
    private static readonly string[] Endings = ["ImageProcessor", "ImageProcessorFast", "ImageProcessorPil", "FeatureExtractor"];

    /// <summary>The processor called <paramref name="name"/>, such as "CLIPImageProcessor"; null if it is none that is supported.</summary>
    public static ImageProcessorKind? OfProcessor(string name)
    {
        foreach (var (stem, kind) in Processors)
        {
            if (name.StartsWith(stem, StringComparison.Ordinal) && Endings.Contains(name[stem.Length..]))
                return kind;
        }
        return null;
    }

    /// <summary>The processor that transformers pairs with a <c>model_type</c> of <c>config.json</c>; null if none is known.</summary>
    public static ImageProcessorKind? OfModel(string modelType) => modelType switch
    {
        "clip" or "clip_vision_model" => ImageProcessorKind.Clip,
        "vit" => ImageProcessorKind.Vit,
        "siglip" or "siglip_vision_model" => ImageProcessorKind.Siglip,
        "dinov2" or "dinov2_with_registers" => ImageProcessorKind.Bit,
        "deit" => ImageProcessorKind.Deit,
        "dinov3_vit" => ImageProcessorKind.DinoV3,
        _ => null,
    };

    /// <summary>The supported names, for messages.</summary>
    public static string List => string.Join(", ", Processors.Select(processor => processor.Stem + Endings[0]));
}
