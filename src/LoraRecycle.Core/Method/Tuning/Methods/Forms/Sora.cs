using LoraRecycle.Core.Method.Tuning.Options;

namespace LoraRecycle.Core.Method.Tuning.Methods.Forms;

/// <summary>SoRA: a gate a rank, which shuts those that the task does not need. Gates start at 1 and not at random, since a few hundred
/// steps would not close those.</summary>
internal static class Sora
{
    public static TuningMethod Method { get; } = new(
        "sora",
        "SoRA",
        "arXiv 2311.11696",
        "Starts with more ranks than the task needs and shuts the rest.",
        settings => settings with
        {
            Form = settings.Form with { Kind = LoraForm.Gate },
            Update = settings.Update with { GateThreshold = 0.9 / settings.Steps },
        });
}
