using LoraRecycle.Core.Method.Tuning.Options;

namespace LoraRecycle.Core.Method.Tuning.Methods.Forms;

/// <summary>LaMDA: factors from the weight's largest singular vectors; A frozen, B frozen column by column.</summary>
internal static class Lamda
{
    public static TuningMethod Method { get; } = new(
        "lamda",
        "LaMDA",
        "arXiv 2406.12832",
        "Trains a small square; the factors around it freeze in the first third.",
        settings => settings with
        {
            Form = settings.Form with { Kind = LoraForm.Core, Start = FactorStart.Spectrum },
            Update = settings.Update with { FreezeB = 0.3 },
        })
    {
        AtPlain = settings => settings with
        {
            Form = settings.Form with { Start = FactorStart.Uniform, HasUnitCore = true },
            Update = settings.Update with { FreezeB = 0 },
        },
    };
}
