using LoraRecycle.Core.Method.Tuning.Options;

namespace LoraRecycle.Core.Method.Tuning.Methods.Forms;

/// <summary>LoRA-SB: factors from the first step of full fine-tuning, frozen; a small square between them is trained.</summary>
internal static class LoraSb
{
    public static TuningMethod Method { get; } = new(
        "lora-sb",
        "LoRA-SB",
        "arXiv 2411.19557",
        "Trains a square of rank x rank numbers a layer, between factors that the first full step gave.",
        settings => settings with { Form = settings.Form with { Kind = LoraForm.Core, Start = FactorStart.FirstStep } });
}
