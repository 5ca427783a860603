using LoraRecycle.Core.Method.Inversion.Building;
using LoraRecycle.Service.Features.Loras.Storage;
using LoraRecycle.Service.Features.MetaLoras;
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

/// <summary>Makes a job of a request: freezes what it works on, plans its units, and puts them on the list.</summary>
internal sealed partial class JobIntake(
    StateDatabase database, LoraLeases leases, LoraSelection selection, LoraMarket market, MetaLoraStore store, UnitScheduler scheduler,
    JobSignals signals, IOptions<JobsOptions> options, TimeProvider time, ILogger<JobIntake> logger)
{
    /// <exception cref="ProblemException">It cannot be met.</exception>
    public async Task<RecycleJob> AcceptAsync(ReadRecycleRequest read, CancellationToken cancellation)
    {
        var id = Guid.CreateVersion7().ToString("N");
        var name = read.Name ?? $"recycled-{id[^12..]}";
        var loras = selection.Select(read.Request);
        if (read.Settings.MinimumLoras > loras.Count)
            throw new ProblemException(
                RecycleProblems.InvalidSetting,
                $"Expected at most {loras.Count}, the number of LoRAs in the job.",
                "minimumLoras"
            );
        if (store.Find(name) is not null)
            throw Taken();
        await leases.ReleaseAsync(id, cancellation); // opens the database: what cannot be kept is not begun
        var ids = loras.Select(lora => lora.Id).ToArray();
        var gone = await leases.HoldAsync(id, ids, cancellation);
        try
        {
            if (ids.FirstOrDefault(lora => gone.Contains(lora) || market.Find(lora) is null) is { } deleted)
                throw new ProblemException(
                    RecycleProblems.UnknownLora,
                    $"The LoRA {deleted} was deleted while the job was being created.",
                    "loras"
                );
            var job = await InsertAsync(id, name, loras, read.Settings, cancellation);
            await ScheduleAsync(job, cancellation);
            return job;
        }
        catch (Exception exception) when (!StateFailures.IsUnavailable(exception)) // or the sweep does that when the database is back
        {
            await ReleaseUnlessMadeAsync(id);
            throw;
        }
    }

    private static ProblemException Taken() =>
        new(
            RecycleProblems.NameTaken,
            "Expected a name that no meta-LoRA has and no job is making; choose another name, or leave it out.",
            "name"
        );

    private async Task<RecycleJob> InsertAsync(
        string id,
        string name,
        IReadOnlyList<Lora> loras,
        RecycleSettings settings,
        CancellationToken cancellation
    )
    {
        await using var context = await database.OpenAsync(cancellation);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellation);
        var active = await context
            .Set<RecycleJob>()
            .CountAsync(
                job => job.State == JobState.Queued || job.State == JobState.Running || job.State == JobState.Cancelling,
                cancellation
            );
        if (active >= options.Value.MaxActive)
            throw new ProblemException(
                RecycleProblems.TooManyJobs,
                $"{active} jobs are active, as many as Jobs:MaxActive allows. Send the request again when one has ended."
            );
        if (await context.Set<RecycleJob>().AnyAsync(job => job.ClaimedName == name, cancellation))
            throw Taken();
        var now = time.GetUtcNow();
        var job = new RecycleJob
        {
            Id = id,
            Sequence = await Sequence.NextAsync(RecycleJob.SequenceName, context, cancellation),
            Created = now,
            State = JobState.Queued,
            Stage = JobStage.Waiting,
            StageStarted = now,
            MetaLora = name,
            ClaimedName = name,
            Settings = settings,
            Loras = [.. loras.Select(lora => new RecycledLoraName(lora.Id, lora.Facts.Name, (int)lora.Facts.ClassCount!))],
            Events = 1,
        };
        context.Add(job);
        context.AddRange(UnitPlan.Of(job, loras, settings, now));
        context.Add(
            RecycleEvent.Create(
                id,
                number: 1,
                now,
                EventTypes.State,
                new StateEvent(JobState.Queued, Final: false, MetaLora: null, $"Queued ({loras.Count} LoRAs)."),
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
        signals.Pulse();
        LogAccepted(logger, id, loras.Count, name);
        return job;
    }

    private async Task ScheduleAsync(RecycleJob job, CancellationToken cancellation)
    {
        try
        {
            var units = InversionPlan.Cut(job.Loras.Select(lora => lora.Classes), job.Settings.Together).Count;
            for (var unit = 0; unit < units; unit++)
                await scheduler.ScheduleAsync(job.Id, unit, job.Created, cancellation);
        }
        catch (Exception exception) when (exception is SchedulerException || StateFailures.IsUnavailable(exception))
        {
            LogNotScheduled(logger, exception, job.Id); // the job is there, and the next sweep of a worker puts it on the list
        }
    }

    private async Task ReleaseUnlessMadeAsync(string id)
    {
        await using var context = await database.OpenAsync(CancellationToken.None);
        if (!await context.Set<RecycleJob>().AnyAsync(job => job.Id == id))
            await leases.ReleaseAsync(id, CancellationToken.None);
    }

    [LoggerMessage(1, LogLevel.Information, "Job {Job} was accepted: {Loras} LoRAs into meta-LoRA {MetaLora}")]
    private static partial void LogAccepted(ILogger logger, string job, int loras, string metaLora);

    [LoggerMessage(2, LogLevel.Warning, "Job {Job} is not on the list yet")]
    private static partial void LogNotScheduled(ILogger logger, Exception exception, string job);
}
