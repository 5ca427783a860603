using LoraRecycle.Core.Evaluation.Calibration;

namespace LoraRecycle.Core.Evaluation.Reports;

/// <summary>What was evaluated, on what, and how it came out: enough to repeat it.</summary>
/// <param name="DataSet">The data set's name.</param>
/// <param name="Part">The part of the split its classes came from: all, train, val or test.</param>
/// <param name="Classes">How many classes episodes were drawn from.</param>
/// <param name="Images">How many different images the episodes used.</param>
/// <param name="Model">The model's name.</param>
/// <param name="Revision">SHA-256 over the weights and the adapter, in hexadecimal.</param>
/// <param name="Adapter">The adapter's path, or null for the bare model.</param>
/// <param name="Seed">The seed of the episodes.</param>
/// <param name="Calibration">"fitted" where the model has a calibration of its own, else "support-set".</param>
/// <param name="Results">One row for each shape.</param>
public sealed record EvaluationReport(
    string DataSet, string Part, int Classes, int Images, string Model, string Revision, string? Adapter, long Seed, string Calibration,
    IReadOnlyList<EvaluationResult> Results);

/// <summary>One shape's result; accuracy and the half width of its 95 % interval are fractions of 1.</summary>
/// <param name="Ways">Classes of an episode.</param>
/// <param name="Shots">Support images a class.</param>
/// <param name="Queries">Query images a class.</param>
/// <param name="Episodes">How many episodes.</param>
/// <param name="Accuracy">The mean over episodes.</param>
/// <param name="Interval95">The half width of its interval.</param>
/// <param name="Uncalibrated">What the softmax of minus squared distances was worth as a probability.</param>
/// <param name="Calibrated">What the probabilities were worth that the model answers with.</param>
public sealed record EvaluationResult(
    int Ways, int Shots, int Queries, int Episodes, double Accuracy, double Interval95, Reliability Uncalibrated, Reliability Calibrated);
