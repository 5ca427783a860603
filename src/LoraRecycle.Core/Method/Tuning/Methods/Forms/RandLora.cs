using LoraRecycle.Core.Method.Tuning.Options;

namespace LoraRecycle.Core.Method.Tuning.Methods.Forms;

/// <summary>RandLoRA: a sum of random products of full rank. What is stored is cut to a rank, and says what that lost.</summary>
internal static class RandLora
{
    public static TuningMethod Method { get; } = new(
        "randlora",
        "RandLoRA",
        "arXiv 2502.00987",
        "Changes the weight at full rank with few numbers.",
        settings => settings with { Form = settings.Form with { Kind = LoraForm.RandLora } });
}
