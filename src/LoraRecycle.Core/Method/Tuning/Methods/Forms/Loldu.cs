using LoraRecycle.Core.Method.Tuning.Options;

namespace LoraRecycle.Core.Method.Tuning.Methods.Forms;

/// <summary>LoLDU: the first pivots of the weight's own decomposition.</summary>
internal static class Loldu
{
    public static TuningMethod Method { get; } = new(
        "loldu",
        "LoLDU",
        "arXiv 2410.13618",
        "Trains as many numbers a layer as the rank.",
        settings => settings with { Form = settings.Form with { Kind = LoraForm.Ldu } });
}
