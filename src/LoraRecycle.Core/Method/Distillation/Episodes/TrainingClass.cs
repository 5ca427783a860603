namespace LoraRecycle.Core.Method.Distillation.Episodes;

/// <summary>The images of one class, by their numbers in a <see cref="TrainingSet"/>.</summary>
/// <param name="Images">At least two.</param>
/// <param name="Teachers">Who was tuned to know it: sources, and the class's number in their heads.</param>
internal sealed record TrainingClass(IReadOnlyList<int> Images, IReadOnlyList<(int Source, int Label)> Teachers);
