namespace LoraRecycle.Core.Evaluation.Methods.Harness;

/// <summary>One row of a comparison.</summary>
/// <param name="Name">The method's name.</param>
/// <param name="Title">The row's title.</param>
/// <param name="Uses">What it uses.</param>
/// <param name="Settings">What decides it.</param>
/// <param name="PreparationSeconds">What was done before the first task took this long.</param>
/// <param name="Results">One for each shape; none where it failed before the first.</param>
/// <param name="Failure">Why there are not all of them, or null.</param>
public sealed record MethodResult(
    string Name, string Title, DataUse Uses, IReadOnlyDictionary<string, string> Settings, double PreparationSeconds,
    IReadOnlyList<ShapeResult> Results, string? Failure);

/// <summary>How a method did on the episodes of one shape. All accuracies are fractions of 1.</summary>
/// <param name="Ways">Classes of an episode.</param>
/// <param name="Shots">Support images a class.</param>
/// <param name="Episodes">How many were run: the first so many of those that all methods share.</param>
/// <param name="Accuracy">Mean over episodes.</param>
/// <param name="Interval95">Half the width of its 95 % interval.</param>
/// <param name="OverNearestPrototype">Mean difference to nearest prototypes on the same episodes; null where these were not run.</param>
/// <param name="OverNearestPrototypeInterval95">Half the width of the paired difference's 95 % interval.</param>
/// <param name="SecondsPerTask">Time for all episodes over their number. A method that no task changes embeds each image once for all of
/// them.</param>
public sealed record ShapeResult(
    int Ways,
    int Shots,
    int Episodes,
    double Accuracy,
    double Interval95,
    double? OverNearestPrototype,
    double? OverNearestPrototypeInterval95,
    double SecondsPerTask
);
