namespace LoraRecycle.Service.Features.Recycling.Jobs;

/// <summary>What kinds of events a job has; each has data of a shape of its own.</summary>
internal static class EventTypes
{
    /// <summary><see cref="StateEvent"/>; the last event of a job is one of these, with a final state.</summary>
    public const string State = "state";

    /// <summary><see cref="StageEvent"/>.</summary>
    public const string Stage = "stage";

    /// <summary><see cref="UnitEvent"/>.</summary>
    public const string Unit = "unit";

    /// <summary><see cref="ProgressEvent"/>.</summary>
    public const string Progress = "progress";

    /// <summary><see cref="EvaluationEvent"/>.</summary>
    public const string Evaluation = "evaluation";

    /// <summary><see cref="TunedEvent"/>.</summary>
    public const string Tuned = "tuned";
}
