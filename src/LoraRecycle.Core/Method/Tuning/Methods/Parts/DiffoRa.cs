using LoraRecycle.Core.Method.Tuning.Options;

namespace LoraRecycle.Core.Method.Tuning.Methods.Parts;

/// <summary>DiffoRA: chooses the layers, then tunes plain LoRA on them.</summary>
internal static class DiffoRa
{
    public static TuningMethod Method { get; } = new(
        "diffora",
        "DiffoRA",
        "arXiv 2502.08905",
        "Finds the layers that the task needs and tunes only those.",
        settings => settings with { Choice = settings.Choice with { By = Chosen.Layers } })
    {
        AtPlain = settings => settings with { Choice = settings.Choice with { By = Chosen.All } },
    };
}
