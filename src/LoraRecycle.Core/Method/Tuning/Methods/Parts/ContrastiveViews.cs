using LoraRecycle.Core.Method.Tuning.Options;

namespace LoraRecycle.Core.Method.Tuning.Methods.Parts;

/// <summary>Augmentation with a contrastive term (DAPET); the term and its weight are SupCon's, as the paper's are not published.</summary>
internal static class ContrastiveViews
{
    public static TuningMethod Method { get; } = new(
        "views",
        "augmented views + contrast",
        "arXiv 2303.02577",
        "Several views of every picture, which are to stay alike.",
        settings => settings with
        {
            Views = settings.Views with { Count = 2, SmallestCrop = 0.6, Colour = 0.2 },
            Penalty = settings.Penalty with { Contrast = 0.2 },
        })
    {
        AtPlain = settings => settings with
        {
            Views = new ViewSettings(),
            Penalty = settings.Penalty with { Contrast = 0 },
        },
    };
}
