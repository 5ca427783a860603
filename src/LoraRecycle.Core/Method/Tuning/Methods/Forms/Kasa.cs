using LoraRecycle.Core.Method.Tuning.Options;

namespace LoraRecycle.Core.Method.Tuning.Methods.Forms;

/// <summary>KaSA: the smallest singular values make room for what is learnt.</summary>
internal static class Kasa
{
    public static TuningMethod Method { get; } = new(
        "kasa",
        "KaSA",
        "arXiv 2412.06071",
        "Takes the place of the smallest singular values of the weight.",
        settings => settings with
        {
            Form = settings.Form with { Kind = LoraForm.Kasa },
            Penalty = settings.Penalty with { Diagonal = 1e-4, Orthogonal = 1e-3 },
        });
}
