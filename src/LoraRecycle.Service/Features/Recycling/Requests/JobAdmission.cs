using LoraRecycle.Service.Features.Recycling.Jobs;
using LoraRecycle.Service.Features.Recycling.Scheduling;
using LoraRecycle.Service.Features.Recycling.Settings;
using LoraRecycle.Service.Platform.Http.Errors;
using LoraRecycle.Service.Platform.Storage;
using LoraRecycle.Service.Platform.Storage.Sequences;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Quartz;

namespace LoraRecycle.Service.Features.Recycling.Requests;

/// <summary>Writes a job down with its units and its first event, unless there are too many, and puts on the list what can begin.</summary>
internal sealed partial class JobAdmission(
    StateDatabase database, UnitScheduler scheduler, JobSignals signals, IOptions<JobsOptions> options, ILogger<JobAdmission> logger)
{
    /// <param name="job">Its place in lists is given here.</param>
    /// <param name="units">In the order of the stages.</param>
    /// <param name="what">What it works on, in words.</param>
    /// <param name="cancellation">Ends it; nothing is written then.</param>
    /// <exception cref="ProblemException">There are too many jobs, or another one makes a meta-LoRA of that name.</exception>
    public async Task AdmitAsync(RecycleJob job, IReadOnlyList<RecycleUnit> units, string what, CancellationToken cancellation)
    {
        await InsertAsync(job, units, what, cancellation);
        signals.Pulse();
        try
        {
            foreach (var unit in units.Where(unit => unit.State == UnitState.Queued))
                await scheduler.ScheduleAsync(job.Id, unit.Number, job.Created, cancellation);
        }
        catch (Exception exception) when (exception is SchedulerException || StateFailures.IsUnavailable(exception))
        {
            LogNotScheduled(logger, exception, job.Id); // the job is there, and the next sweep of a worker puts it on the list
        }
    }

    public static ProblemException Taken() =>
        new(
            RecycleProblems.NameTaken,
            "Expected a name that no meta-LoRA has and no job is making; choose another name, or leave it out.",
            "name"
        );

    private async Task InsertAsync(RecycleJob job, IReadOnlyList<RecycleUnit> units, string what, CancellationToken cancellation)
    {
        await using var context = await database.OpenAsync(cancellation);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellation);
        var active = await context
            .Set<RecycleJob>()
            .CountAsync(
                other => other.State == JobState.Queued || other.State == JobState.Running || other.State == JobState.Cancelling,
                cancellation
            );
        if (active >= options.Value.MaxActive)
            throw new ProblemException(
                RecycleProblems.TooManyJobs,
                $"{active} jobs are active, as many as Jobs:MaxActive allows. Send the request again when one has ended."
            );
        if (job.ClaimedName is { } name && await context.Set<RecycleJob>().AnyAsync(other => other.ClaimedName == name, cancellation))
            throw Taken();
        job.Sequence = await Sequence.NextAsync(RecycleJob.SequenceName, context, cancellation);
        job.Events = 1;
        context.Add(job);
        context.AddRange(units);
        context.Add(
            RecycleEvent.Create(
                job.Id,
                number: 1,
                job.Created,
                EventTypes.State,
                new StateEvent(JobState.Queued, Final: false, MetaLora: null, $"Queued ({what})."),
                RecycleJson.Default.StateEvent
            )
        );
        try
        {
            await context.SaveChangesAsync(cancellation);
            await transaction.CommitAsync(cancellation);
        }
        catch (DbUpdateException exception) when (StateFailures.IsDuplicate(exception))
        {
            throw Taken();
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Job {Job} is not on the list yet")]
    private static partial void LogNotScheduled(ILogger logger, Exception exception, string job);
}
