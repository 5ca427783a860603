namespace LoraRecycle.Core.Evaluation;

/// <summary>What was evaluated, on what, and how it came out: enough to repeat it.</summary>
/// <param name="DataSet">The data set's name.</param>
/// <param name="Part">The part of the split its classes came from: all, train, val or test.</param>
/// <param name="Classes">How many classes episodes were drawn from.</param>
/// <param name="Images">How many different images the episodes used.</param>
/// <param name="Model">The model's name.</param>
/// <param name="Revision">SHA-256 over the weights and the adapter, in hexadecimal.</param>
/// <param name="Adapter">The adapter's path, or null for the bare model.</param>
/// <param name="Seed">The seed of the episodes.</param>
/// <param name="Results">One row for each shape.</param>
public sealed record EvaluationReport(
    string DataSet, string Part, int Classes, int Images, string Model, string Revision, string? Adapter, long Seed,
    IReadOnlyList<EvaluationResult> Results);

/// <summary>One shape's result; accuracy and the half width of its 95 % interval are fractions of 1.</summary>
public sealed record EvaluationResult(int Ways, int Shots, int Queries, int Episodes, double Accuracy, double Interval95);
