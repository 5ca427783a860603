using LoraRecycle.Core.Method.Tuning.Options;

namespace LoraRecycle.Core.Method.Tuning.Methods.Forms;

/// <summary>SLoRA: a square between the factors, all three trained.</summary>
internal static class Slora
{
    public static TuningMethod Method { get; } = new(
        "slora",
        "SLoRA",
        "arXiv 2502.14482",
        "A small square between the factors, trained with them.",
        settings => settings with { Form = settings.Form with { Kind = LoraForm.Core } })
    {
        AtPlain = settings => settings with { Form = settings.Form with { HasUnitCore = true } },
    };
}
