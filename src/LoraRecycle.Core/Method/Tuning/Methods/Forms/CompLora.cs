using LoraRecycle.Core.Method.Tuning.Options;

namespace LoraRecycle.Core.Method.Tuning.Methods.Forms;

/// <summary>Comp-LoRA: only where the weight is weak.</summary>
internal static class CompLora
{
    public static TuningMethod Method { get; } = new(
        "comp-lora",
        "Comp-LoRA",
        "arXiv 2501.15040",
        "Leaves the directions alone in which the model is strong, so that it forgets little.",
        settings => settings with { Form = settings.Form with { Keep = 0.9 } })
    {
        AtPlain = settings => settings with { Form = settings.Form with { Keep = 0 } },
    };
}
