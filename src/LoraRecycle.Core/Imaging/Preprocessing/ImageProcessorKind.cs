namespace LoraRecycle.Core.Imaging.Preprocessing;

/// <summary>The processors of transformers whose defaults fill what <c>preprocessor_config.json</c> leaves out.</summary>
public enum ImageProcessorKind
{
    /// <summary>CLIPImageProcessor.</summary>
    Clip,

    /// <summary>ViTImageProcessor.</summary>
    Vit,

    /// <summary>SiglipImageProcessor.</summary>
    Siglip,

    /// <summary>BitImageProcessor, which DINOv2 uses.</summary>
    Bit,

    /// <summary>DeiTImageProcessor.</summary>
    Deit,

    /// <summary>DINOv3ViTImageProcessor.</summary>
    DinoV3,
}
