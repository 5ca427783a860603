using System.Text.Json.Serialization;

namespace LoraRecycle.Core.Method.Tuning.Options;

/// <summary>How the gradients of A and B are changed before Adam sees them.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Adjustment>))]
public enum Adjustment
{
    None,

    /// <summary>To those whose effect on the weight is nearest to its own gradient (LoRA-Pro).</summary>
    Pro,

    /// <summary>The same, with Adam's moments kept of the weight and not of the factors (LoRA-Pro, full).</summary>
    ProFull,
}
