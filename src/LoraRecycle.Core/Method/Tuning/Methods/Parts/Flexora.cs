using LoraRecycle.Core.Method.Tuning.Options;

namespace LoraRecycle.Core.Method.Tuning.Methods.Parts;

/// <summary>Flexora: chooses the blocks by validation loss, to first order as its authors' code does.</summary>
internal static class Flexora
{
    public static TuningMethod Method { get; } = new(
        "flexora",
        "Flexora",
        "arXiv 2408.10774",
        "Finds the blocks that the task needs and tunes only those.",
        settings => settings with { Choice = settings.Choice with { By = Chosen.Blocks } })
    {
        AtPlain = settings => settings with { Choice = settings.Choice with { By = Chosen.All } },
    };
}
