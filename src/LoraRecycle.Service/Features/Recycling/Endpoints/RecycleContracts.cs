using LoraRecycle.Core.Distillation;
using LoraRecycle.Core.Inversion;
using LoraRecycle.Service.Features.Recycling.Jobs;

namespace LoraRecycle.Service.Features.Recycling.Endpoints;

/// <summary>Recycling jobs, the latest first.</summary>
/// <param name="Jobs">As many as were asked for.</param>
/// <param name="Next">What to ask for as <c>before</c> to get those that follow; null where there are none.</param>
public sealed record JobsResponse(IReadOnlyList<JobSummary> Jobs, string? Next);

/// <summary>A recycling job in short.</summary>
/// <param name="Id">Its id.</param>
/// <param name="State">"queued", "running", "cancelling", "cancelled", "succeeded" or "failed".</param>
/// <param name="Stage">"waiting", "inverting", "distilling", "evaluating", "publishing" or "ended".</param>
/// <param name="MetaLora">The id that the result has, or will have.</param>
/// <param name="Created">When it was accepted.</param>
/// <param name="Started">When work on it began.</param>
/// <param name="Ended">When it ended.</param>
/// <param name="Error">Why it failed.</param>
public sealed record JobSummary(
    string Id, string State, string Stage, string MetaLora, DateTimeOffset Created, DateTimeOffset? Started, DateTimeOffset? Ended, string? Error);

/// <summary>A recycling job.</summary>
/// <param name="Job">In short.</param>
/// <param name="Progress">How far its stage is.</param>
/// <param name="Units">Its parts, in the order of the stages.</param>
/// <param name="Loras">What it recycles, and what became of each.</param>
/// <param name="Losses">Some of the losses that were read, at most 200 of them.</param>
/// <param name="Evaluation">How well the result does; null where that was not asked for or is not known yet.</param>
/// <param name="Activation">Whether the result became the active meta-LoRA; null until it is there.</param>
/// <param name="Settings">Everything that decides it.</param>
/// <param name="Log">The last lines of what happened.</param>
public sealed record JobResponse(
    JobSummary Job, StageProgress Progress, IReadOnlyList<UnitResponse> Units, IReadOnlyList<JobLora> Loras, IReadOnlyList<LossPoint> Losses,
    ResultEvaluation? Evaluation, ActivationOutcome? Activation, JobSettings Settings, IReadOnlyList<LogLine> Log);

/// <summary>How far a stage is.</summary>
/// <param name="Iteration">Iterations done, over all its units.</param>
/// <param name="Iterations">Iterations in all; 0 where that is not known.</param>
/// <param name="Loss">The last loss that was read in it.</param>
/// <param name="EtaSeconds">When the stage will be done at the speed it had so far; null where that cannot be told.</param>
public sealed record StageProgress(long Iteration, long Iterations, double? Loss, double? EtaSeconds);

/// <summary>A part of a job that one worker does on one device.</summary>
/// <param name="Number">From 0.</param>
/// <param name="Kind">"invert", "distill" or "evaluate".</param>
/// <param name="State">"waiting", "queued", "running", "done", "failed" or "cancelled".</param>
/// <param name="Attempts">How often it was started.</param>
/// <param name="Worker">Who started it last.</param>
/// <param name="Iteration">Iterations done; of an inversion, summed over its LoRAs.</param>
/// <param name="Iterations">Iterations in all.</param>
/// <param name="Loss">The last loss.</param>
/// <param name="Started">When it was started last.</param>
/// <param name="Ended">When that ended.</param>
/// <param name="Error">What its last failed attempt failed with.</param>
public sealed record UnitResponse(
    int Number, string Kind, string State, int Attempts, string? Worker, long Iteration, long Iterations, double? Loss, DateTimeOffset? Started, DateTimeOffset? Ended, string? Error);

/// <summary>A LoRA of a job.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">What it was called.</param>
/// <param name="Unit">The unit that inverts it.</param>
/// <param name="BestLoss">The loss of its images; null until they are there.</param>
/// <param name="SetAside">Why it was left out; null where it was not.</param>
public sealed record JobLora(string Id, string? Name, int Unit, float? BestLoss, string? SetAside);

/// <summary>A loss that was read.</summary>
/// <param name="Unit">Of which unit.</param>
/// <param name="Kind">"invert" or "distill".</param>
/// <param name="Iteration">When.</param>
/// <param name="Loss">The loss.</param>
public sealed record LossPoint(int Unit, string Kind, long Iteration, double Loss);

/// <summary>Something that happened.</summary>
/// <param name="Time">When.</param>
/// <param name="Message">What, in words.</param>
public sealed record LogLine(DateTimeOffset Time, string Message);

/// <summary>The settings of a job.</summary>
/// <param name="Inversion">How LoRAs are inverted.</param>
/// <param name="Distillation">How the meta-LoRA is trained.</param>
/// <param name="Together">Most LoRAs in one batch.</param>
/// <param name="MinimumLoras">How many must be left when those that diverge are set aside.</param>
/// <param name="Activate">"never", "always" or "ifBetter".</param>
public sealed record JobSettings(InversionSettings Inversion, DistillationSettings Distillation, int Together, int MinimumLoras, string Activate);

/// <summary>The synthetic images of a job that are there.</summary>
/// <param name="Images">By number.</param>
/// <param name="Next">What to ask for as <c>from</c> to get those that follow; null where there are none yet.</param>
public sealed record JobImagesResponse(IReadOnlyList<JobImage> Images, int? Next);

/// <summary>A synthetic image. Numbers are fixed when the job is accepted, and images appear as units end.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Lora">The id of the LoRA that it was made of.</param>
/// <param name="LoraName">What that was called.</param>
/// <param name="Label">The class that it shows, by its place in the LoRA's head.</param>
/// <param name="Class">The name of that class.</param>
/// <param name="Image">Where the image is.</param>
/// <param name="Mask">Where its mask is: white where patches stay.</param>
public sealed record JobImage(int Number, string Lora, string? LoraName, int Label, string Class, string Image, string Mask);
