using LoraRecycle.Core.Method.Tuning.Options;

namespace LoraRecycle.Core.Method.Tuning.Methods.Forms;

/// <summary>LoRA-GA: looks once at the gradient of the whole weight and starts the factors along it.</summary>
internal static class LoraGa
{
    public static TuningMethod Method { get; } = new(
        "lora-ga",
        "LoRA-GA",
        "arXiv 2407.05000",
        "Starts where the first step moves the weight as its own gradient would.",
        settings => settings with { Form = settings.Form with { Start = FactorStart.Gradient } })
    {
        AtPlain = settings => settings with { Form = settings.Form with { Start = FactorStart.Uniform } },
    };
}
