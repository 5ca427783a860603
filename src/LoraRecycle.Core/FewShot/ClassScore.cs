namespace LoraRecycle.Core.FewShot;

/// <summary>How well a query fits one class.</summary>
/// <param name="Label">The class's name.</param>
/// <param name="Probability">The softmax over the episode's classes of minus the distance.</param>
/// <param name="Distance">The squared Euclidean distance to the class's prototype.</param>
public readonly record struct ClassScore(string Label, double Probability, double Distance);
