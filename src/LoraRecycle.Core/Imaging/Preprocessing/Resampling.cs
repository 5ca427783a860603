namespace LoraRecycle.Core.Imaging.Preprocessing;

/// <summary>How a picture is resized; numbered as Pillow, and so <c>preprocessor_config.json</c>, numbers filters.</summary>
public enum Resampling
{
    /// <summary>Triangle filter, widened when the picture shrinks.</summary>
    Bilinear = 2,

    /// <summary>Cubic filter with a = -0.5, widened when the picture shrinks.</summary>
    Bicubic = 3,
}
