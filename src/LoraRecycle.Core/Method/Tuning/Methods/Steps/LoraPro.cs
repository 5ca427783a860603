using LoraRecycle.Core.Method.Tuning.Options;

namespace LoraRecycle.Core.Method.Tuning.Methods.Steps;

/// <summary>LoRA-Pro: gradients of the factors whose effect is nearest to that of the weight.</summary>
internal static class LoraPro
{
    public static TuningMethod Efficient { get; } = new(
        "lora-pro",
        "LoRA-Pro",
        "arXiv 2407.18242",
        "Steps whose effect is nearest to a step of the whole weight.",
        settings => settings with { Update = settings.Update with { Adjust = Adjustment.Pro } })
    {
        AtPlain = settings => settings with { Update = settings.Update with { Adjust = Adjustment.None } },
    };

    public static TuningMethod Full { get; } = new(
        "lora-pro-full",
        "LoRA-Pro (full)",
        "arXiv 2407.18242",
        "The same, with Adam's moments kept of the whole weight.",
        settings => settings with { Update = settings.Update with { Adjust = Adjustment.ProFull } })
    {
        AtPlain = settings => settings with { Update = settings.Update with { Adjust = Adjustment.None } },
    };
}
