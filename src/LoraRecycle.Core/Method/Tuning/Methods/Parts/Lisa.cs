using LoraRecycle.Core.Method.Tuning.Options;

namespace LoraRecycle.Core.Method.Tuning.Methods.Parts;

/// <summary>LISA: full tuning of a few blocks at a time. What is stored is cut to a rank, and says what that lost.</summary>
internal static class Lisa
{
    public static TuningMethod Method { get; } = new(
        "lisa",
        "LISA",
        "arXiv 2403.17919",
        "Full fine-tuning of a few blocks at a time.",
        settings => settings with
        {
            Targets = ["q", "k", "v", "out", "fc1", "fc2"],
            Form = settings.Form with { Kind = LoraForm.Dense },
            Choice = settings.Choice with { By = Chosen.Sampled },
            LearningRate = settings.LearningRate / 10,
        });
}
