using LoraRecycle.Core.Method.Tuning.Options;

namespace LoraRecycle.Core.Method.Tuning.Methods.Parts;

/// <summary>BA-LoRA: three penalties on what comes out of the model.</summary>
internal static class BaLora
{
    public static TuningMethod Method { get; } = new(
        "ba-lora",
        "BA-LoRA",
        "arXiv 2408.04556",
        "Stays near the bare model and spreads what it sees over all dimensions.",
        settings => settings with { Penalty = settings.Penalty with { Near = 1e-4, Spread = 3e-4, LowRank = 1e-4 } })
    {
        AtPlain = settings => settings with { Penalty = settings.Penalty with { Near = 0, Spread = 0, LowRank = 0 } },
    };
}
