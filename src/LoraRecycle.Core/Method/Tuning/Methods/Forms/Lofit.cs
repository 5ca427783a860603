using LoraRecycle.Core.Method.Tuning.Options;

namespace LoraRecycle.Core.Method.Tuning.Methods.Forms;

/// <summary>LoFiT: finds the attention heads that matter to the task, and learns an offset for each.</summary>
internal static class Lofit
{
    public static TuningMethod Method { get; } = new(
        "lofit",
        "LoFiT",
        "arXiv 2406.01563",
        "Finds the few attention heads that matter and moves only those: some hundred numbers.",
        settings => settings with
        {
            Targets = ["out"],
            Form = settings.Form with { Kind = LoraForm.Heads },
            LearningRate = 10 * settings.LearningRate,
        });
}
