using LoraRecycle.Core.Method.Tuning.Options;

namespace LoraRecycle.Core.Method.Tuning.Methods.Steps;

/// <summary>ALLoRA: a rate for each row, which falls as the row grows.</summary>
internal static class AlloraRate
{
    public static TuningMethod Method { get; } = new(
        "allora",
        "ALLoRA",
        "arXiv 2410.09692",
        "Fast steps while a row is small, slow ones when it is large.",
        settings => settings with { Update = settings.Update with { RowRate = 2 } })
    {
        AtPlain = settings => settings with { Update = settings.Update with { RowRate = 0 } },
    };
}
