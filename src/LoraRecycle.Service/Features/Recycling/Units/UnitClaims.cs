using System.Globalization;
using LoraRecycle.Service.Features.Recycling.Jobs;
using LoraRecycle.Service.Features.Recycling.Progress;
using LoraRecycle.Service.Features.Recycling.Scheduling;
using LoraRecycle.Service.Features.Recycling.Settings;
using LoraRecycle.Service.Platform.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Features.Recycling.Units;

/// <summary>
/// Who works on which unit. Starting one takes the next fence number; all that its worker says later counts only while
/// that number is still the last. So a worker that was taken for dead and is not can neither finish a unit nor fail it.
/// </summary>
internal sealed class UnitClaims(
    StateDatabase database,
    JobTransactions transactions,
    WorkerIdentity worker,
    IOptions<JobsOptions> options,
    TimeProvider time
)
{
    /// <returns>Null where there is nothing to start: it is done, somebody works on it, or it was tried too often.</returns>
    public Task<UnitClaim?> TryStartAsync(string job, int number, CancellationToken cancellation) =>
        transactions.RunAsync<UnitClaim?>(
            job,
            async change =>
            {
                if (change.Job.State is not (JobState.Queued or JobState.Running))
                    return null;
                var (now, silent, most) = (change.Now, change.Now - options.Value.WorkerTimeout, options.Value.MaxAttempts);
                var unit = (await change.UnitsAsync(cancellation)).SingleOrDefault(unit => unit.Number == number);
                if (
                    unit is null
                    || unit.Attempts >= most
                    || !(
                        unit.State == UnitState.Queued ? unit.NotBefore <= now : unit.State == UnitState.Running && unit.Heartbeat < silent
                    )
                )
                    return null;
                (unit.State, unit.Owner, unit.Started, unit.Heartbeat) = (UnitState.Running, worker.Name, now, now);
                unit.Fence++;
                unit.Attempts++;
                if (change.Job.State == JobState.Queued)
                {
                    (change.Job.State, change.Job.Started) = (JobState.Running, now);
                    change.Append(
                        EventTypes.State,
                        new StateEvent(JobState.Running, Final: false, MetaLora: null, "Running."),
                        RecycleJson.Default.StateEvent
                    );
                    if (unit.Kind == UnitKind.Tune)
                        change.Enter(JobStage.Tuning, "Tuning the LoRA.");
                    else
                        change.Enter(JobStage.Inverting, "Inverting LoRAs into synthetic images.");
                }
                Note(change, unit, $"started, attempt {unit.Attempts} of {most}");
                return new UnitClaim(change.Job, unit, unit.Fence);
            },
            cancellation
        );

    /// <summary>Says that it is still worked on, and how far it is.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="progress">Null where there is nothing new.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<ClaimStatus> RenewAsync(UnitClaim claim, UnitProgress? progress, CancellationToken cancellation)
    {
        await using var context = await database.OpenAsync(cancellation);
        var now = time.GetUtcNow();
        if (await Held(context, claim).ExecuteUpdateAsync(set => set.SetProperty(unit => unit.Heartbeat, now), cancellation) == 0)
            return ClaimStatus.Lost;
        var state = await context
            .Set<RecycleJob>()
            .Where(job => job.Id == claim.Job.Id)
            .Select(job => job.State)
            .SingleOrDefaultAsync(cancellation);
        if (state != JobState.Running)
            return ClaimStatus.NotNeeded;
        if (progress is not null)
            await NoteAsync(claim, progress, cancellation);
        return ClaimStatus.Held;
    }

    /// <summary>Notes how far it is.</summary>
    public Task NoteAsync(UnitClaim claim, UnitProgress progress, CancellationToken cancellation) =>
        transactions.RunAsync(
            claim.Job.Id,
            async change =>
            {
                var rows = await Held(change.Context, claim)
                    .ExecuteUpdateAsync(
                        set =>
                            set.SetProperty(unit => unit.Iteration, progress.Iteration)
                                .SetProperty(unit => unit.Iterations, progress.Iterations)
                                .SetProperty(unit => unit.Loss, progress.Loss),
                        cancellation
                    );
                if (rows == 1)
                    change.Append(
                        EventTypes.Progress,
                        new ProgressEvent(claim.Unit.Number, claim.Unit.Kind, progress.Iteration, progress.Iterations, progress.Loss),
                        RecycleJson.Default.ProgressEvent
                    );
                return rows;
            },
            cancellation
        );

    /// <summary>Makes a result the unit's.</summary>
    /// <returns>False where the claim was lost; then nothing changes.</returns>
    public Task<bool> TryFinishAsync(UnitClaim claim, UnitResult result, CancellationToken cancellation) =>
        EndAsync(
            claim,
            UnitState.Done,
            (change, unit) =>
            {
                unit.Result = result;
                unit.Error = null;
                unit.Iteration = unit.Iterations;
                Note(
                    change,
                    unit,
                    result.Pools?.Where(pool => pool.Failure is not null).ToArray() is [_, ..] failed
                        ? $"done; set aside: {string.Join("; ", failed.Select(pool => $"{pool.Lora[..12]}: {pool.Failure}"))}"
                        : "done"
                );
                if (result.Evaluation is { } evaluation)
                    change.Append(
                        EventTypes.Evaluation,
                        new EvaluationEvent(evaluation, Words(evaluation)),
                        RecycleJson.Default.EvaluationEvent
                    );
                if (result.Tuning is { } tuning)
                    change.Append(EventTypes.Tuned, new TunedEvent(tuning, Words(tuning)), RecycleJson.Default.TunedEvent);
            },
            cancellation
        );

    /// <summary>Notes that an attempt failed.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="reason">Why, in words fit for a client.</param>
    /// <param name="isLasting">Whether another attempt would fail in the same way.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>When the next attempt may start; null where there is none.</returns>
    public async Task<DateTimeOffset?> FailAsync(UnitClaim claim, string reason, bool isLasting, CancellationToken cancellation)
    {
        DateTimeOffset? next = null;
        var isLast = isLasting || claim.Unit.Attempts >= options.Value.MaxAttempts;
        await EndAsync(claim, isLast ? UnitState.Failed : UnitState.Queued, (change, unit) =>
        {
            unit.Error = reason;
            if (!isLast)
                next = unit.NotBefore = change.Now + (options.Value.RetryDelay * Math.Pow(2, Math.Min(10, unit.Attempts - 1)));
            Note(change, unit, isLast ? $"failed: {reason}" : $"failed, will be tried again: {reason}");
        }, cancellation);
        return next;
    }

    /// <summary>Gives a unit back that a shutdown interrupted; the attempt does not count.</summary>
    public Task<bool> ReleaseAsync(UnitClaim claim, CancellationToken cancellation) => EndAsync(claim, UnitState.Queued, (change, unit) =>
    {
        unit.Attempts--;
        Note(change, unit, "given back: its worker is stopping");
    }, cancellation);

    /// <summary>Ends a unit that the job does not need any more.</summary>
    public Task<bool> AbandonAsync(UnitClaim claim, CancellationToken cancellation) =>
        EndAsync(claim, UnitState.Cancelled, (_, _) => { }, cancellation);

    private Task<bool> EndAsync(
        UnitClaim claim,
        UnitState state,
        Action<JobTransaction, RecycleUnit> also,
        CancellationToken cancellation
    ) =>
        transactions.RunAsync(
            claim.Job.Id,
            async change =>
            {
                var now = change.Now;
                if (
                    await Held(change.Context, claim)
                        .ExecuteUpdateAsync(
                            set => set.SetProperty(unit => unit.State, state).SetProperty(unit => unit.Ended, now),
                            cancellation
                        ) == 0
                )
                    return false;
                also(change, (await change.UnitsAsync(cancellation)).Single(unit => unit.Number == claim.Unit.Number));
                return true;
            },
            cancellation
        );

    private static IQueryable<RecycleUnit> Held(StateContext context, UnitClaim claim) => context.Set<RecycleUnit>().Where(unit =>
        unit.JobId == claim.Job.Id && unit.Number == claim.Unit.Number && unit.Fence == claim.Fence && unit.State == UnitState.Running);

    private static void Note(JobTransaction change, RecycleUnit unit, string what) =>
        change.Append(
            EventTypes.Unit,
            new UnitEvent(
                unit.Number,
                unit.Kind,
                unit.State,
                unit.Attempts,
                unit.Iteration,
                $"Unit {unit.Number} ({unit.Kind.ToString().ToLowerInvariant()}) {what}."
            ),
            RecycleJson.Default.UnitEvent
        );

    private static string Words(TuningEvaluation tuning) =>
        string.Create(CultureInfo.InvariantCulture, $"{tuning.TrainAccuracy:P1} of {tuning.TrainImages} images that it was tuned on")
        + (tuning.HeldOutAccuracy is { } accuracy
            ? string.Create(CultureInfo.InvariantCulture, $", {accuracy:P1} of {tuning.HeldOutImages} that were held out.")
            : "; none was held out.");

    private static string Words(ResultEvaluation evaluation) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{evaluation.Accuracy:P1} on {evaluation.DataSet} ({evaluation.Ways}-way {evaluation.Shots}-shot, {evaluation.Episodes} "
                + $"episodes); the active one, {evaluation.Active}, {evaluation.ActiveAccuracy:P1}."
        );
}
