using System.Text.Json.Serialization;

namespace LoraRecycle.Service.Features.Recycling.Jobs;

/// <summary>What a unit gave. Files are in the folder of the start that finished it.</summary>
/// <param name="Fence">The number of that start.</param>
/// <param name="Pools">Of an inversion: what became of each LoRA.</param>
/// <param name="Seconds">Of an inversion: spent on the pools; of a distillation: on its steps.</param>
/// <param name="Losses">Of a distillation: the loss, averaged between two readings.</param>
/// <param name="Evaluation">Of an evaluation.</param>
/// <param name="Lora">Of a tuning: the id that the LoRA has in the market, which follows from its files.</param>
/// <param name="Tuning">Of a tuning: how it came out.</param>
internal sealed record UnitResult(
    long Fence,
    IReadOnlyList<UnitPool>? Pools = null,
    double Seconds = 0,
    IReadOnlyList<double>? Losses = null,
    ResultEvaluation? Evaluation = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Lora = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] TuningEvaluation? Tuning = null
);

/// <summary>What became of a LoRA.</summary>
/// <param name="Lora">Its id, which is also the name of its pool.</param>
/// <param name="BestLoss">The loss of its images; null where there are none.</param>
/// <param name="Failure">Why it was set aside; null where it was not.</param>
internal sealed record UnitPool(string Lora, float? BestLoss, string? Failure);

/// <summary>How well a meta-LoRA does, and the active one on the same episodes. Accuracies are fractions of 1.</summary>
/// <param name="DataSet">The data set's name.</param>
/// <param name="Part">The part of its classes.</param>
/// <param name="Ways">Classes of an episode.</param>
/// <param name="Shots">Support images a class.</param>
/// <param name="Queries">Query images a class.</param>
/// <param name="Episodes">How many.</param>
/// <param name="Accuracy">The mean over the episodes.</param>
/// <param name="Interval95">Half the width of its 95 % interval.</param>
/// <param name="Active">The id of the one that was active then.</param>
/// <param name="ActiveAccuracy">Its mean accuracy.</param>
/// <param name="ActiveInterval95">Half the width of that interval.</param>
public sealed record ResultEvaluation(
    string DataSet, string Part, int Ways, int Shots, int Queries, int Episodes,
    double Accuracy, double Interval95, string Active, double ActiveAccuracy, double ActiveInterval95);

/// <summary>How well a LoRA tells its classes apart with its own head, as it is stored. Accuracies are fractions of 1.</summary>
/// <param name="TrainImages">How many images it was tuned on.</param>
/// <param name="TrainAccuracy">Its accuracy on these.</param>
/// <param name="HeldOutImages">How many images were held out.</param>
/// <param name="HeldOutAccuracy">Its accuracy on these; null where there are none.</param>
/// <param name="FinalLoss">The mean loss of the last tenth of the steps.</param>
/// <param name="Lost">What the LoRA lacks of what was tuned, in the layer that lacks most, relative to its change; 0 but for methods of a
/// larger rank than is stored.</param>
/// <param name="Seconds">What the last start of the job took.</param>
public sealed record TuningEvaluation(
    int TrainImages, double TrainAccuracy, int HeldOutImages, double? HeldOutAccuracy, double FinalLoss, double Lost, double Seconds);
