namespace LoraRecycle.Core.Evaluation.Tuners;

/// <summary>A comparison of tuners on the same tasks, with all that is needed to repeat it. Accuracies are fractions of 1.</summary>
/// <param name="DataSet">The name of the data set.</param>
/// <param name="Model">The model's name.</param>
/// <param name="Revision">SHA-256 over weights, preprocessing and precision.</param>
/// <param name="Device">Where it was computed.</param>
/// <param name="Version">The version of this program.</param>
/// <param name="Tasks">How many were measured.</param>
/// <param name="Ways">Classes of a task.</param>
/// <param name="Shots">Images of each class that were tuned on; null for all.</param>
/// <param name="Steps">Of tuning.</param>
/// <param name="Objective">What the LoRAs learnt from.</param>
/// <param name="Seed">Of the tasks and of tuning.</param>
/// <param name="Episodes">How many were tuned on one by one; 0 for none.</param>
/// <param name="Rows">A row for each method; plain LoRA is the first, with which the others are compared.</param>
public sealed record TunerReport(
    string DataSet,
    string Model,
    string Revision,
    string Device,
    string Version,
    int Tasks,
    int Ways,
    int? Shots,
    int Steps,
    string Objective,
    long Seed,
    int Episodes,
    IReadOnlyList<TunerRow> Rows);

/// <summary>How one method did. A difference is paired: over the same tasks or episodes.</summary>
/// <param name="Method">Its name.</param>
/// <param name="Title">What a table calls it.</param>
/// <param name="Paper">Where it was published.</param>
/// <param name="LearningRate">What it was tuned with.</param>
/// <param name="Losses">The mean loss at some steps.</param>
/// <param name="Curve">The mean loss at every step.</param>
/// <param name="HeldOut">Accuracy on the tasks' held-out images.</param>
/// <param name="OverLora">The same less plain LoRA's.</param>
/// <param name="Forgotten">What nearest prototypes lose on episodes of other classes while the LoRA is attached.</param>
/// <param name="ForgottenOverLora">The same less plain LoRA's.</param>
/// <param name="Episodes">Accuracy on few-shot episodes, each answered by a LoRA that was tuned on its support set.</param>
/// <param name="EpisodesOverLora">The same less plain LoRA's.</param>
/// <param name="Intruders">Directions of the merged weights that the bare ones have nothing like, of all layers (arXiv 2410.21228).</param>
/// <param name="Numbers">How many numbers are stored in the LoRA's layers.</param>
/// <param name="Lost">What the stored LoRA lacks of what was tuned, in the layer that lacks most.</param>
/// <param name="SecondsPerTask">Of tuning.</param>
/// <param name="Failure">Why there is nothing else, or null.</param>
public sealed record TunerRow(
    string Method,
    string Title,
    string Paper,
    double LearningRate,
    IReadOnlyDictionary<int, double> Losses,
    IReadOnlyList<double> Curve,
    MeanOfTasks? HeldOut,
    MeanOfTasks? OverLora,
    MeanOfTasks? Forgotten,
    MeanOfTasks? ForgottenOverLora,
    MeanOfTasks? Episodes,
    MeanOfTasks? EpisodesOverLora,
    double Intruders,
    double Numbers,
    double Lost,
    double SecondsPerTask,
    string? Failure);

/// <summary>A mean over tasks or episodes.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="Interval95">Half the width of its 95 % interval; null of a single task.</param>
public sealed record MeanOfTasks(double Mean, double? Interval95);
