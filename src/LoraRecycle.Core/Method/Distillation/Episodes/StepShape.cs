using LoraRecycle.Core.Method.Distillation.Characters;

namespace LoraRecycle.Core.Method.Distillation.Episodes;

/// <summary>What kind of episodes a step learns from.</summary>
internal enum StepKind
{
    /// <summary>LoRAs' own tasks, with the teacher's soft labels as the target.</summary>
    Task,

    /// <summary>Classes of several LoRAs (the paper's cross-task interpolation).</summary>
    Interpolated,

    /// <summary>Characters that nobody wrote (<see cref="DrawnCharacters"/>), with labels as targets.</summary>
    Drawn,

    /// <summary>No episodes: images of all classes under one linear classifier, the ablation of meta-learning.</summary>
    Joint,
}

/// <summary>The numbers that decide the sizes of a step's tensors. All episodes of a step share them, so that they are one batch.</summary>
/// <param name="Kind">What the episodes are.</param>
/// <param name="Episodes">How many.</param>
/// <param name="Ways">Classes of an episode.</param>
/// <param name="Shots">Support images a class.</param>
/// <param name="Queries">Queries a class.</param>
/// <param name="Kept">Patches that are not masked; 0 for all of them.</param>
internal readonly record struct StepShape(StepKind Kind, int Episodes, int Ways, int Shots, int Queries, int Kept)
{
    public int ImagesOfEpisode => Ways * (Shots + Queries);

    public int Images => Episodes * ImagesOfEpisode;

    /// <summary>Rows of the targets.</summary>
    public int Targets => Episodes * Ways * Queries;
}
