using LoraRecycle.Core.Method.Tuning.Options;

namespace LoraRecycle.Core.Method.Tuning.Methods.Forms;

/// <summary>NLoRA and IntermediateTune: factors and square from rows and columns of the weight, as the authors' code has it.</summary>
internal static class Nlora
{
    public static TuningMethod Method { get; } = new(
        "nlora",
        "NLoRA",
        "arXiv 2502.14482",
        "Starts from rows and columns of the weight itself.",
        settings => settings with { Form = settings.Form with { Kind = LoraForm.Core, Start = FactorStart.Nystroem } });

    public static TuningMethod IntermediateTune { get; } = new(
        "intermediate-tune",
        "IntermediateTune",
        "arXiv 2502.14482",
        "The same, of which only the square is trained.",
        settings => settings with
        {
            Form = settings.Form with { Kind = LoraForm.Core, Start = FactorStart.Nystroem, TrainsFactors = false },
        });
}
