namespace LoraRecycle.Service.Features.Recycling.Jobs;

/// <summary>What has become of a recycling job.</summary>
internal enum JobState
{
    Queued,
    Running,

    /// <summary>Somebody wants it ended, and what runs of it has not noticed yet.</summary>
    Cancelling,

    Cancelled,
    Succeeded,
    Failed,
}

/// <summary>Where a job is.</summary>
internal enum JobStage
{
    Waiting,
    Inverting,
    Distilling,
    Evaluating,
    Publishing,
    Ended,
    Tuning,
}

internal static class JobStates
{
    /// <summary>Nothing changes any more.</summary>
    public static bool IsFinal(this JobState state) => state is JobState.Cancelled or JobState.Succeeded or JobState.Failed;
}
