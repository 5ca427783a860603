using LoraRecycle.Core.Method.Tuning.Options;

namespace LoraRecycle.Core.Method.Tuning.Methods.Steps;

/// <summary>LoRA-GGPO: noise on the merged weight at every pass.</summary>
internal static class LoraGgpo
{
    public static TuningMethod Method { get; } = new(
        "lora-ggpo",
        "LoRA-GGPO",
        "arXiv 2502.14538",
        "Noise on the weights while it learns, against fitting a few pictures too well.",
        settings => settings with { Gradient = settings.Gradient with { Noise = 0.03, GradientNoise = 0.01 } })
    {
        AtPlain = settings => settings with { Gradient = settings.Gradient with { Noise = 0, GradientNoise = 0 } },
    };
}
