using LoraRecycle.Core.Method.Tuning.Options;

namespace LoraRecycle.Core.Method.Tuning.Methods.Steps;

/// <summary>GLAD, read as a penalty on the gradient's norm: no code was published.</summary>
internal static class Glad
{
    public static TuningMethod Method { get; } = new(
        "glad",
        "GLAD",
        "arXiv 2507.13089",
        "Looks for flat places of the loss, where other classes suffer less.",
        settings => settings with { Gradient = settings.Gradient with { Flat = 0.05, FlatShare = 0.8 } })
    {
        AtPlain = settings => settings with { Gradient = settings.Gradient with { Flat = 0 } },
    };
}
