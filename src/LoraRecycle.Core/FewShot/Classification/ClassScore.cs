namespace LoraRecycle.Core.FewShot.Classification;

/// <summary>How well a query fits one class.</summary>
/// <param name="Label">The class's name.</param>
/// <param name="Probability">That the query belongs to it: over the episode's classes they sum to 1.</param>
/// <param name="Distance">The squared Euclidean distance to the class's prototype.</param>
public readonly record struct ClassScore(string Label, double Probability, double Distance);
