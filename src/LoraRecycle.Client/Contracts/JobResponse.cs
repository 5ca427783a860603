using System.Text.Json.Nodes;

namespace LoraRecycle.Client.Contracts;

/// <summary>Recycling jobs, latest first.</summary>
/// <param name="Jobs">At most as many as requested.</param>
/// <param name="Next">Pass as <c>before</c> to get the next page; null on the last page.</param>
public sealed record JobsResponse(IReadOnlyList<JobSummary> Jobs, string? Next);

/// <summary>A summary of a recycling job.</summary>
/// <param name="Id">Its id.</param>
/// <param name="State">"queued", "running", "cancelling", "cancelled", "succeeded" or "failed".</param>
/// <param name="Stage">"waiting", "inverting", "distilling", "evaluating", "publishing" or "ended".</param>
/// <param name="MetaLora">The id of the resulting meta-LoRA.</param>
/// <param name="Created">When the job was accepted.</param>
/// <param name="Started">When work on it began.</param>
/// <param name="Ended">When the job ended.</param>
/// <param name="Error">Why the job failed.</param>
public sealed record JobSummary(
    string Id,
    string State,
    string Stage,
    string MetaLora,
    DateTimeOffset Created,
    DateTimeOffset? Started,
    DateTimeOffset? Ended,
    string? Error
);

/// <summary>A recycling job.</summary>
/// <param name="Job">The summary.</param>
/// <param name="Progress">Progress of the current stage.</param>
/// <param name="Units">Its units of work, in the order of the stages.</param>
/// <param name="Loras">The LoRAs it recycles, and what became of each.</param>
/// <param name="Losses">A sample of the losses, at most 200.</param>
/// <param name="Evaluation">The accuracy of the result; null when not requested or not known yet.</param>
/// <param name="Activation">Whether the result became the active meta-LoRA; null until the result exists.</param>
/// <param name="Settings">All settings of the job.</param>
/// <param name="Log">The last lines of its log.</param>
public sealed record JobResponse(
    JobSummary Job,
    StageProgress Progress,
    IReadOnlyList<UnitResponse> Units,
    IReadOnlyList<JobLora> Loras,
    IReadOnlyList<LossPoint> Losses,
    ResultEvaluation? Evaluation,
    ActivationOutcome? Activation,
    JobSettings Settings,
    IReadOnlyList<LogLine> Log
);

/// <summary>Progress of a stage.</summary>
/// <param name="Iteration">Iterations done, summed over its units.</param>
/// <param name="Iterations">Iterations in total; 0 when not known.</param>
/// <param name="Loss">The latest loss.</param>
/// <param name="EtaSeconds">Seconds until the stage is done, at its speed so far; null when not known.</param>
public sealed record StageProgress(long Iteration, long Iterations, double? Loss, double? EtaSeconds);

/// <summary>A unit of work, which one worker does on one device.</summary>
/// <param name="Number">Its number, from 0.</param>
/// <param name="Kind">"invert", "distill", "evaluate" or "tune".</param>
/// <param name="State">"waiting", "queued", "running", "done", "failed" or "cancelled".</param>
/// <param name="Attempts">How often the unit was started.</param>
/// <param name="Worker">The worker that started it last.</param>
/// <param name="Iteration">Iterations done; an inversion sums them over its LoRAs.</param>
/// <param name="Iterations">Iterations in total.</param>
/// <param name="Loss">The latest loss.</param>
/// <param name="Started">When its latest attempt started.</param>
/// <param name="Ended">When its latest attempt ended.</param>
/// <param name="Error">Why its last failed attempt failed.</param>
public sealed record UnitResponse(
    int Number,
    string Kind,
    string State,
    int Attempts,
    string? Worker,
    long Iteration,
    long Iterations,
    double? Loss,
    DateTimeOffset? Started,
    DateTimeOffset? Ended,
    string? Error
);

/// <summary>A LoRA of a job.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its name when the job was accepted.</param>
/// <param name="Unit">The unit that inverts it.</param>
/// <param name="BestLoss">The loss of its images; null until they exist.</param>
/// <param name="SetAside">Why it was left out; null unless it was.</param>
public sealed record JobLora(string Id, string? Name, int Unit, float? BestLoss, string? SetAside);

/// <summary>One point of a loss curve.</summary>
/// <param name="Unit">The unit's number.</param>
/// <param name="Kind">"invert" or "distill".</param>
/// <param name="Iteration">The iteration.</param>
/// <param name="Loss">The loss.</param>
public sealed record LossPoint(int Unit, string Kind, long Iteration, double Loss);

/// <summary>A line of the job's log.</summary>
/// <param name="Time">When it happened.</param>
/// <param name="Message">What happened.</param>
public sealed record LogLine(DateTimeOffset Time, string Message);

/// <summary>The settings of a job.</summary>
/// <param name="Inversion">How LoRAs are inverted.</param>
/// <param name="Distillation">How the meta-LoRA is trained.</param>
/// <param name="Together">The most LoRAs in one batch.</param>
/// <param name="MinimumLoras">How many LoRAs must remain after diverging ones are set aside.</param>
/// <param name="Activate">"never", "always" or "ifBetter".</param>
public sealed record JobSettings(
    JsonObject Inversion,
    JsonObject Distillation,
    int Together,
    int MinimumLoras,
    string Activate
);

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
    string DataSet,
    string Part,
    int Ways,
    int Shots,
    int Queries,
    int Episodes,
    double Accuracy,
    double Interval95,
    string Active,
    double ActiveAccuracy,
    double ActiveInterval95
);

/// <summary>Whether the result of a job became the active meta-LoRA, and why.</summary>
/// <param name="Activated">Whether it did.</param>
/// <param name="Reason">In words.</param>
public sealed record ActivationOutcome(bool Activated, string Reason);

/// <summary>The synthetic images that a job has made so far.</summary>
/// <param name="Images">The images, by number.</param>
/// <param name="Next">Pass as <c>from</c> to get the next page; null when there is none yet.</param>
public sealed record JobImagesResponse(IReadOnlyList<JobImage> Images, int? Next);

/// <summary>A synthetic image. Numbers are fixed when the job is accepted, and images appear as units end.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Lora">The id of the LoRA it was inverted from.</param>
/// <param name="LoraName">The name of that LoRA.</param>
/// <param name="Label">The class it shows, as an index into the LoRA's head.</param>
/// <param name="Class">The name of that class.</param>
/// <param name="Image">The path of the image.</param>
/// <param name="Mask">The path of its mask; kept patches are white.</param>
public sealed record JobImage(
    int Number,
    string Lora,
    string? LoraName,
    int Label,
    string Class,
    string Image,
    string Mask
);
