using System.Text.Json.Serialization;

namespace LoraRecycle.Service.Features.Recycling.Jobs;

/// <summary>The job is in another state.</summary>
/// <param name="State">Which.</param>
/// <param name="Final">Whether this is the last event.</param>
/// <param name="MetaLora">The id of the meta-LoRA that was made; null unless one was.</param>
/// <param name="Message">In words.</param>
/// <param name="Lora">The id of the LoRA that was tuned; left out unless one was.</param>
internal sealed record StateEvent(
    JobState State, bool Final, string? MetaLora, string Message,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Lora = null);

/// <summary>The job is in another stage.</summary>
/// <param name="Stage">Which.</param>
/// <param name="Message">In words.</param>
internal sealed record StageEvent(JobStage Stage, string Message);

/// <summary>Something became of a unit.</summary>
/// <param name="Unit">Its number.</param>
/// <param name="Kind">What it does.</param>
/// <param name="State">What has become of it.</param>
/// <param name="Attempt">Which start this is.</param>
/// <param name="Iteration">Iterations done, as last reported. A start after a worker's death goes on from its last checkpoint, which may
/// be earlier.</param>
/// <param name="Message">In words.</param>
internal sealed record UnitEvent(int Unit, UnitKind Kind, UnitState State, int Attempt, long Iteration, string Message);

/// <summary>A unit goes on.</summary>
/// <param name="Unit">Its number.</param>
/// <param name="Kind">What it does.</param>
/// <param name="Iteration">Iterations done; of an inversion, summed over its LoRAs; of an evaluation, images.</param>
/// <param name="Iterations">Iterations in all.</param>
/// <param name="Loss">The last loss; null where there is none.</param>
internal sealed record ProgressEvent(int Unit, UnitKind Kind, long Iteration, long Iterations, double? Loss);

/// <summary>The result was evaluated.</summary>
/// <param name="Evaluation">How it came out.</param>
/// <param name="Message">In words.</param>
internal sealed record EvaluationEvent(ResultEvaluation Evaluation, string Message);

/// <summary>A LoRA was tuned and tested.</summary>
/// <param name="Tuning">How it came out.</param>
/// <param name="Message">In words.</param>
internal sealed record TunedEvent(TuningEvaluation Tuning, string Message);
