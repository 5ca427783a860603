using System.Text.Json.Nodes;

namespace LoraRecycle.Client.Contracts;

/// <summary>The ways to tune.</summary>
/// <param name="Methods">In the order of docs/tuners.md.</param>
public sealed record TuneMethodsResponse(IReadOnlyList<TuneMethod> Methods);

/// <summary>A published way to tune a LoRA.</summary>
/// <param name="Name">What <c>method</c> names it.</param>
/// <param name="Title">Its name in tables.</param>
/// <param name="Idea">What it does, in a sentence.</param>
/// <param name="Paper">Where it was published.</param>
/// <param name="Settings">All settings that it gives, which <c>options</c> may change.</param>
public sealed record TuneMethod(string Name, string Title, string Idea, string Paper, JsonObject Settings);

/// <summary>Tuning jobs, latest first.</summary>
/// <param name="Jobs">At most as many as requested.</param>
/// <param name="Next">Where the next page begins; null on the last page.</param>
public sealed record TuneJobsResponse(IReadOnlyList<TuneJobSummary> Jobs, string? Next);

/// <summary>A summary of a tuning job.</summary>
/// <param name="Id">Its id.</param>
/// <param name="State">"queued", "running", "cancelling", "cancelled", "succeeded" or "failed".</param>
/// <param name="Stage">"waiting", "tuning", "publishing" or "ended".</param>
/// <param name="Name">The LoRA's name in the market.</param>
/// <param name="Lora">The LoRA's id in the market; null until the job has succeeded.</param>
/// <param name="Created">When the job was accepted.</param>
/// <param name="Started">When work on it began.</param>
/// <param name="Ended">When the job ended.</param>
/// <param name="Error">Why the job failed.</param>
public sealed record TuneJobSummary(
    string Id,
    string State,
    string Stage,
    string Name,
    string? Lora,
    DateTimeOffset Created,
    DateTimeOffset? Started,
    DateTimeOffset? Ended,
    string? Error
);

/// <summary>A tuning job.</summary>
/// <param name="Job">The summary.</param>
/// <param name="Progress">Steps of the current stage.</param>
/// <param name="Units">Its units of work: one.</param>
/// <param name="Classes">What the LoRA learns to tell apart, in the order of its head.</param>
/// <param name="Losses">A sample of the losses, at most 200.</param>
/// <param name="Evaluation">How well the LoRA does; null until it is tuned.</param>
/// <param name="Settings">All settings of the job.</param>
/// <param name="Log">The last lines of its log.</param>
public sealed record TuneJobResponse(
    TuneJobSummary Job,
    StageProgress Progress,
    IReadOnlyList<UnitResponse> Units,
    IReadOnlyList<TunedClass> Classes,
    IReadOnlyList<LossPoint> Losses,
    TuningEvaluation? Evaluation,
    TuneJobSettings Settings,
    IReadOnlyList<LogLine> Log
);

/// <summary>A class that a LoRA is tuned on.</summary>
/// <param name="Label">Its label.</param>
/// <param name="Images">How many images it has, those that are held out included.</param>
public sealed record TunedClass(string Label, int Images);

/// <summary>How well a LoRA tells its classes apart with its own head, as it is stored. Accuracies are fractions of 1.</summary>
/// <param name="TrainImages">How many images it was tuned on.</param>
/// <param name="TrainAccuracy">Its accuracy on these.</param>
/// <param name="HeldOutImages">How many images were held out.</param>
/// <param name="HeldOutAccuracy">Its accuracy on these; null where there are none.</param>
/// <param name="FinalLoss">The mean loss of the last tenth of the steps.</param>
/// <param name="Lost">What the LoRA lacks of what was tuned, in the layer that lacks most, relative to its change.</param>
/// <param name="Seconds">What the last start of the job took.</param>
public sealed record TuningEvaluation(
    int TrainImages, double TrainAccuracy, int HeldOutImages, double? HeldOutAccuracy, double FinalLoss, double Lost, double Seconds);

/// <summary>The settings of a tuning job.</summary>
/// <param name="Task">The stored task that its images were copied from; null where they were sent.</param>
/// <param name="HeldOut">The share of each class's images that is kept from tuning.</param>
/// <param name="Tuning">How the LoRA is tuned.</param>
public sealed record TuneJobSettings(string? Task, double HeldOut, JsonObject Tuning);
