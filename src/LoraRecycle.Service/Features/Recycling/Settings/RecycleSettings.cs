using LoraRecycle.Core.DataSets;
using LoraRecycle.Core.Method.Distillation;
using LoraRecycle.Core.Method.Inversion;

namespace LoraRecycle.Service.Features.Recycling.Settings;

/// <summary>When the meta-LoRA that a job made becomes the active one.</summary>
internal enum ActivationRule
{
    Never,
    Always,

    /// <summary>If its mean accuracy on the validation set is above the active one's.</summary>
    IfBetter,
}

/// <summary>Everything that decides a job, as it was when the job was accepted.</summary>
/// <param name="Inversion">How LoRAs are inverted.</param>
/// <param name="Distillation">How the meta-LoRA is trained.</param>
/// <param name="Together">Most LoRAs in one batch.</param>
/// <param name="MinimumLoras">How many must be left when those that diverge are set aside.</param>
/// <param name="Activate">When the result becomes the active one.</param>
/// <param name="Validation">What it is evaluated on; null for nothing.</param>
internal sealed record RecycleSettings(
    InversionSettings Inversion,
    DistillationSettings Distillation,
    int Together,
    int MinimumLoras,
    ActivationRule Activate,
    ValidationSettings? Validation
) : IJobSettings;

/// <summary>Episodes of a data set on this server.</summary>
/// <param name="DataSet">Its name.</param>
/// <param name="Part">Which of its classes.</param>
/// <param name="Ways">Classes of an episode.</param>
/// <param name="Shots">Support images a class.</param>
/// <param name="Queries">Query images a class.</param>
/// <param name="Episodes">How many.</param>
/// <param name="Seed">Which.</param>
internal sealed record ValidationSettings(string DataSet, SplitPart Part, int Ways, int Shots, int Queries, int Episodes, long Seed);

/// <summary>A LoRA of a job.</summary>
/// <param name="Id">SHA-256 over its files.</param>
/// <param name="Name">What it was called; null for no name.</param>
/// <param name="Classes">The width of its head.</param>
internal sealed record RecycledLoraName(string Id, string? Name, int Classes);
