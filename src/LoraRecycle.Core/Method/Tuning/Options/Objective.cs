using System.Text.Json.Serialization;

namespace LoraRecycle.Core.Method.Tuning.Options;

/// <summary>What a LoRA learns from.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Objective>))]
public enum Objective
{
    /// <summary>The cross-entropy of the linear head that is tuned beside it. On few images the head alone fits them within ten steps,
    /// and leaves the LoRA nothing to learn from.</summary>
    Head,

    /// <summary>The cross-entropy of nearest prototypes, each image being left out of its own class's; a class with one image in a batch
    /// is compared with its mirror image. The head is fitted at the end.</summary>
    Prototypes,
}
