using static LoraRecycle.Core.Method.Tuning.Options.TuningException;

namespace LoraRecycle.Core.Method.Tuning.Options;

/// <summary>Where the loss's gradient is taken: at the values themselves, or near them.</summary>
public sealed record GradientSettings
{
    /// <summary>LoRA-GGPO: the noise on each row of the merged weight, as a share of the row's norm.</summary>
    public double Noise { get; init; }

    /// <summary>LoRA-GGPO: the same, as a share of the square of the row's last gradient's norm.</summary>
    public double GradientNoise { get; init; }

    /// <summary>Flat minima (sharpness-aware minimisation, the family of GLAD): how far from the values, up the gradient, a second one is
    /// taken; 0 for none.</summary>
    public double Flat { get; init; }

    /// <summary>The second gradient's share.</summary>
    public double FlatShare { get; init; } = 0.8;

    /// <summary>Whether passes have noise.</summary>
    internal bool HasNoise => Noise > 0 || GradientNoise > 0;

    internal void Validate(LoraForm form)
    {
        if (HasNoise && form != LoraForm.Lora)
            throw new TuningException($"Expected form {LoraForm.Lora} for noise on the merged weight; got {form}.")
            {
                Setting = nameof(Noise),
            };
        if (HasNoise && Flat > 0)
            throw new TuningException("Expected noise or a search for flat minima; got both.") { Setting = nameof(Flat) };
        Require(Noise is >= 0 and <= 10, "noise of 0 to 10", Noise);
        Require(GradientNoise is >= 0 and <= 10, "gradient noise of 0 to 10", GradientNoise);
        Require(Flat is >= 0 and <= 10, "a radius of 0 to 10 for flat minima", Flat);
        Require(FlatShare is >= 0 and <= 1, "a share of 0 to 1 for flat minima", FlatShare);
    }
}
