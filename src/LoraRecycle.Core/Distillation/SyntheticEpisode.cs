namespace LoraRecycle.Core.Distillation;

/// <summary>One image of an episode: which pool, which image in it, and whether mirrored.</summary>
public readonly record struct DrawnImage(int Pool, int Image, bool Mirrored);

/// <summary>
/// An N-way K-shot task of synthetic images. With <see cref="Teacher"/> it is that LoRA's own task and the teacher's opinion
/// is the target; without, it mixes classes of several LoRAs and the synthetic labels are (the paper's cross-task
/// interpolation).
/// </summary>
/// <param name="Support">Class by class, the same number for each.</param>
/// <param name="Queries">Class by class.</param>
/// <param name="Labels">The class of each query, from 0.</param>
/// <param name="Ways">Classes.</param>
/// <param name="Teacher">The pool whose task it is, or null.</param>
public sealed record SyntheticEpisode(IReadOnlyList<DrawnImage> Support, IReadOnlyList<DrawnImage> Queries, long[] Labels, int Ways, int? Teacher);
