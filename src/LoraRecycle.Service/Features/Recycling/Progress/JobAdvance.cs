using LoraRecycle.Service.Features.Loras.Storage;
using LoraRecycle.Service.Features.Recycling.Jobs;
using LoraRecycle.Service.Features.Recycling.Scheduling;
using LoraRecycle.Service.Features.Recycling.Settings;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Features.Recycling.Progress;

/// <summary>
/// Takes a job to its next step, which follows from its rows alone. Whoever sees a unit end calls it, and so does the sweep
/// for those that died before they could; it may be called at any time, by several at once.
/// </summary>
internal sealed partial class JobAdvance(
    JobTransactions transactions,
    UnitScheduler scheduler,
    JobPublication publication,
    LoraPublication loras,
    JobFolders folders,
    IOptions<JobsOptions> options,
    ILogger<JobAdvance> logger
)
{
    private enum Step
    {
        None,
        Publish,
        Clean,
    }

    public async Task AdvanceAsync(string job, CancellationToken cancellation)
    {
        var queued = new List<RecycleUnit>();
        var step = await transactions.RunAsync(job, change => DecideAsync(change, queued, cancellation), cancellation);
        foreach (var unit in queued)
            await scheduler.ScheduleAsync(job, unit.Number, unit.NotBefore, cancellation);
        if (step == Step.Publish)
        {
            var (row, units) = await transactions.RunAsync(
                job,
                async change => (change.Job, await change.UnitsAsync(cancellation)),
                cancellation
            );
            var isTuned = row.Kind == JobKind.Tune;
            var failure = isTuned ? await loras.PublishAsync(row, units, cancellation) : publication.Publish(row, units);
            var activation = failure is null && !isTuned ? await publication.ActivateAsync(row, units, cancellation) : null;
            step = await transactions.RunAsync(job, change => PublishedAsync(change, failure, activation, cancellation), cancellation);
        }
        if (step == Step.Clean)
            await CleanAsync(job, cancellation);
    }

    /// <summary>Ends a job that somebody wants ended, as soon as nothing of it runs.</summary>
    /// <returns>Whether there was something to end.</returns>
    public async Task<bool> CancelAsync(string job, CancellationToken cancellation)
    {
        var isCancelling = await transactions.RunAsync(
            job,
            change =>
            {
                // What is being published is as good as there.
                if (change.Job.State is not (JobState.Queued or JobState.Running) || change.Job.Stage == JobStage.Publishing)
                    return Task.FromResult(false);
                change.Job.State = JobState.Cancelling;
                change.Append(
                    EventTypes.State,
                    new StateEvent(JobState.Cancelling, Final: false, MetaLora: null, "The job is being cancelled."),
                    RecycleJson.Default.StateEvent
                );
                return Task.FromResult(true);
            },
            cancellation
        );
        if (isCancelling)
            await AdvanceAsync(job, cancellation);
        return isCancelling;
    }

    private async Task<Step> DecideAsync(JobTransaction change, List<RecycleUnit> queued, CancellationToken cancellation)
    {
        var (job, units) = (change.Job, await change.UnitsAsync(cancellation));
        if (job.State.IsFinal())
            return Step.None;
        if (job.State == JobState.Cancelling)
            return units.Any(unit => unit.State == UnitState.Running && unit.Heartbeat >= change.Now - options.Value.WorkerTimeout)
                ? Step.None
                : await EndAsync(change, units, JobState.Cancelled, "The job was cancelled.", cancellation);
        foreach (var lost in units.Where(unit => IsLost(unit, change.Now)))
            (lost.State, lost.Error) = (
                UnitState.Failed,
                $"the unit was started {lost.Attempts} times, and its last worker, {lost.Owner}, has been silent for "
                    + $"{options.Value.WorkerTimeout.TotalSeconds:0} s"
            );
        if (units.FirstOrDefault(unit => unit.State == UnitState.Failed) is { } failed)
            return await EndAsync(
                change,
                units,
                JobState.Failed,
                $"Unit {failed.Number} ({failed.Kind.ToString().ToLowerInvariant()}) failed after {failed.Attempts} of "
                    + $"{options.Value.MaxAttempts} attempts: {failed.Error}",
                cancellation
            );

        // A job has units of some of these kinds.
        foreach (var kind in new[] { UnitKind.Tune, UnitKind.Invert, UnitKind.Distill, UnitKind.Evaluate })
        {
            var stage = units.Where(unit => unit.Kind == kind).ToArray();
            if (stage.All(unit => unit.State == UnitState.Done))
                continue;
            if (stage.All(unit => unit.State == UnitState.Waiting))
            {
                if (kind == UnitKind.Distill && TooFew(job, units) is { } reason)
                    return await EndAsync(change, units, JobState.Failed, reason, cancellation);
                foreach (var unit in stage)
                    (unit.State, unit.NotBefore) = (UnitState.Queued, change.Now);
                queued.AddRange(stage);
                if (kind == UnitKind.Distill)
                    change.Enter(JobStage.Distilling, "Distilling the images into one meta-LoRA.");
                else if (kind == UnitKind.Evaluate)
                    change.Enter(JobStage.Evaluating, "Evaluating the meta-LoRA and the active one.");
            }
            return Step.None;
        }
        change.Enter(JobStage.Publishing, job.Kind == JobKind.Tune ? "Adding the LoRA to the market." : "Publishing the meta-LoRA.");
        return Step.Publish;
    }

    private async Task<Step> PublishedAsync(
        JobTransaction change,
        string? failure,
        ActivationOutcome? activation,
        CancellationToken cancellation
    )
    {
        if (change.Job.State.IsFinal())
            return Step.None;
        if (activation is not null)
            change.Job.Activation = activation;
        var units = await change.UnitsAsync(cancellation);
        return failure is null
            ? await EndAsync(
                change,
                units,
                JobState.Succeeded,
                change.Job.Kind == JobKind.Tune
                    ? "The LoRA is in the market."
                    : $"The meta-LoRA '{change.Job.MetaLora}' is ready. {activation?.Reason}".Trim(),
                cancellation
            )
            : await EndAsync(change, units, JobState.Failed, failure, cancellation);
    }

    private async Task<Step> EndAsync(
        JobTransaction change,
        List<RecycleUnit> units,
        JobState state,
        string message,
        CancellationToken cancellation
    )
    {
        var job = change.Job;
        foreach (var unit in units.Where(unit => unit.State is UnitState.Waiting or UnitState.Queued or UnitState.Running))
            (unit.State, unit.Ended) = (UnitState.Cancelled, change.Now);
        (job.State, job.Stage, job.StageStarted, job.Ended, job.ClaimedName) = (state, JobStage.Ended, change.Now, change.Now, null);
        if (state == JobState.Failed)
            job.Error = message;
        await change.Context.Set<LoraLease>().Where(lease => lease.Holder == job.Id).ExecuteDeleteAsync(cancellation);
        change.Append(
            EventTypes.State,
            state != JobState.Succeeded ? new StateEvent(state, Final: true, MetaLora: null, message)
            : job.Kind == JobKind.Recycle ? new StateEvent(state, Final: true, job.MetaLora, message)
            : new StateEvent(state, Final: true, MetaLora: null, message, units.Single(unit => unit.Kind == UnitKind.Tune).Result!.Lora),
            RecycleJson.Default.StateEvent
        );
        LogEnded(logger, job.Id, state, message);
        return Step.Clean;
    }

    /// <summary>Nobody will start it again, and nobody works on it.</summary>
    private bool IsLost(RecycleUnit unit, DateTimeOffset now) =>
        unit.State == UnitState.Running && unit.Attempts >= options.Value.MaxAttempts && unit.Heartbeat < now - options.Value.WorkerTimeout;

    private static string? TooFew(RecycleJob job, List<RecycleUnit> units)
    {
        var pools = units
            .SelectMany(unit => unit.Result?.Pools ?? [])
            .ToArray();
        var needed = job.Settings.MinimumLoras;
        var kept = pools.Count(pool => pool.Failure is null);
        if (kept >= needed)
            return null;
        var reason = pools.FirstOrDefault(pool => pool.Failure is not null) is { } failed ? $" {failed.Lora[..12]}: {failed.Failure}" : "";
        return $"{kept} of {pools.Length} LoRAs could be inverted; at least {needed} are needed.{reason}";
    }

    /// <summary>Nothing of a job that has ended is started any more, and no file stays of one that was cancelled, or that tuned: the
    /// images that somebody sent are needed no more, and the LoRA is in the market.</summary>
    private async Task CleanAsync(string job, CancellationToken cancellation)
    {
        await scheduler.ForgetAsync(job, cancellation);
        var isEmptied = await transactions.RunAsync(
            job, change => Task.FromResult(change.Job is { State: JobState.Cancelled } or { Kind: JobKind.Tune }), cancellation);
        try
        {
            if (isEmptied)
                folders.Delete(job);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            LogNotCleaned(logger, job, exception.Message); // a worker that does not know yet may write; deleting the job removes it
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Job {Job} ended: {State}. {Message}")]
    private static partial void LogEnded(ILogger logger, string job, JobState state, string message);

    [LoggerMessage(2, LogLevel.Warning, "The files of job {Job} cannot be removed: {Reason}")]
    private static partial void LogNotCleaned(ILogger logger, string job, string reason);
}
