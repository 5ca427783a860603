using System.Text.Json.Serialization;

namespace LoraRecycle.Client.Contracts;

/// <summary>Something that happened to a job: one of the records below.</summary>
public abstract record JobEvent
{
    /// <summary>Its number, from 1 without gaps.</summary>
    [JsonIgnore]
    public long Number { get; init; }
}

/// <summary>The job is in another state.</summary>
/// <param name="State">"queued", "running", "cancelling", "cancelled", "succeeded" or "failed".</param>
/// <param name="Final">Whether this is the last event.</param>
/// <param name="MetaLora">The id of the meta-LoRA that was made; null unless one was.</param>
/// <param name="Message">In words.</param>
/// <param name="Lora">The id of the LoRA that was tuned; null unless one was.</param>
public sealed record StateEvent(string State, bool Final, string? MetaLora, string Message, string? Lora = null) : JobEvent;

/// <summary>The job is in another stage.</summary>
/// <param name="Stage">"inverting", "distilling", "evaluating", "tuning" or "publishing".</param>
/// <param name="Message">In words.</param>
public sealed record StageEvent(string Stage, string Message) : JobEvent;

/// <summary>Something became of a unit of work.</summary>
/// <param name="Unit">Its number, from 0.</param>
/// <param name="Kind">"invert", "distill", "evaluate" or "tune".</param>
/// <param name="State">"queued", "running", "done", "failed" or "cancelled".</param>
/// <param name="Attempt">Which start this is, from 1.</param>
/// <param name="Iteration">Iterations done, as last reported. A start after a worker's death goes on from its last checkpoint, which may
/// be earlier.</param>
/// <param name="Message">In words.</param>
public sealed record UnitEvent(int Unit, string Kind, string State, int Attempt, long Iteration, string Message) : JobEvent;

/// <summary>A unit goes on.</summary>
/// <param name="Unit">Its number, from 0.</param>
/// <param name="Kind">"invert", "distill", "evaluate" or "tune".</param>
/// <param name="Iteration">Iterations done; an inversion sums them over its LoRAs, an evaluation counts images.</param>
/// <param name="Iterations">Iterations in total.</param>
/// <param name="Loss">The latest loss; null where there is none.</param>
public sealed record ProgressEvent(int Unit, string Kind, long Iteration, long Iterations, double? Loss) : JobEvent;

/// <summary>The result was evaluated.</summary>
/// <param name="Evaluation">Its accuracy, and that of the active meta-LoRA.</param>
/// <param name="Message">In words.</param>
public sealed record EvaluationEvent(ResultEvaluation Evaluation, string Message) : JobEvent;

/// <summary>A LoRA was tuned and tested.</summary>
/// <param name="Tuning">How it came out.</param>
/// <param name="Message">In words.</param>
public sealed record TunedEvent(TuningEvaluation Tuning, string Message) : JobEvent;
