using System.Text.Json.Serialization;

namespace LoraRecycle.Core.Method.Tuning.Options;

/// <summary>What the factors start from.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FactorStart>))]
public enum FactorStart
{
    /// <summary>A uniform in +-1/sqrt(inputs) and B zero, as PEFT starts them.</summary>
    Uniform,

    /// <summary>The singular vectors of the weight's gradient (LoRA-GA).</summary>
    Gradient,

    /// <summary>The singular vectors of the first step that full fine-tuning would take (LoRA-SB).</summary>
    FirstStep,

    /// <summary>Rows and columns of the weight (NLoRA).</summary>
    Nystroem,

    /// <summary>The largest singular vectors of the weight (LaMDA).</summary>
    Spectrum,
}
