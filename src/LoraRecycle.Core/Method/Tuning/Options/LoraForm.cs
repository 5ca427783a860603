using System.Text.Json.Serialization;

namespace LoraRecycle.Core.Method.Tuning.Options;

/// <summary>What a layer is while it is tuned; W is the frozen weight and s the factor before the product.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LoraForm>))]
public enum LoraForm
{
    /// <summary>W + s B A.</summary>
    Lora,

    /// <summary>W + s B C A, with a small square matrix between the factors.</summary>
    Core,

    /// <summary>W + s B diag(g) A, whose gate can shut ranks (SoRA).</summary>
    Gate,

    /// <summary>W less its smallest singular values, plus s B diag(d) A (KaSA).</summary>
    Kasa,

    /// <summary>W + s P L diag(z - d) U, of its own decomposition into P L diag(d) U (LoLDU).</summary>
    Ldu,

    /// <summary>W + a sum of random products, each scaled by two diagonals (RandLoRA).</summary>
    RandLora,

    /// <summary>The outputs of a few attention heads get an offset each (LoFiT).</summary>
    Heads,

    /// <summary>W + D, every number of it (full fine-tuning of the layer).</summary>
    Dense,
}
