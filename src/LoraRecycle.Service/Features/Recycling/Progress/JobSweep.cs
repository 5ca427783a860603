using LoraRecycle.Service.Features.Loras.Storage;
using LoraRecycle.Service.Features.Recycling.Jobs;
using LoraRecycle.Service.Features.Recycling.Scheduling;
using LoraRecycle.Service.Features.Recycling.Settings;
using LoraRecycle.Service.Platform.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Features.Recycling.Progress;

/// <summary>
/// Picks up what processes left that died between two steps: jobs whose next step nobody took, units that are due or were
/// abandoned and are on no list, and leases of jobs that never came to be.
/// </summary>
internal sealed class JobSweep(
    StateDatabase database,
    JobAdvance advance,
    UnitScheduler scheduler,
    JobFolders folders,
    JobMetrics metrics,
    IOptions<JobsOptions> options,
    TimeProvider time
)
{
    private static readonly TimeSpan Orphaned = TimeSpan.FromMinutes(1), Forgotten = TimeSpan.FromMinutes(10);

    private DateTimeOffset _nextFolders = DateTimeOffset.MinValue;

    public async Task RunAsync(CancellationToken cancellation)
    {
        foreach (var job in await ActiveAsync(cancellation))
            await advance.AdvanceAsync(job, cancellation);
        var (now, silent) = (time.GetUtcNow(), time.GetUtcNow() - options.Value.WorkerTimeout);
        await using var context = await database.OpenAsync(cancellation);
        var due = await context
            .Set<RecycleUnit>()
            .AsNoTracking()
            .Where(unit =>
                (unit.State == UnitState.Queued && unit.NotBefore <= now) || (unit.State == UnitState.Running && unit.Heartbeat < silent)
            )
            .Select(unit => new { unit.JobId, unit.Number })
            .ToListAsync(cancellation);
        foreach (var unit in due)
            if (!await scheduler.KnowsAsync(unit.JobId, unit.Number, cancellation))
                await scheduler.ScheduleAsync(unit.JobId, unit.Number, now, cancellation);
        var old = now - Orphaned;
        await context
            .Set<LoraLease>()
            .Where(lease => lease.Taken < old && !context.Set<RecycleJob>().Any(job => job.Id == lease.Holder))
            .ExecuteDeleteAsync(cancellation);
        if (now >= _nextFolders)
        {
            await RemoveForgottenAsync(now, context, cancellation);
            _nextFolders = now + Forgotten;
        }
        await CountAsync(cancellation);
    }

    /// <summary>Files of jobs that never came to be or are gone, and what a job that has ended had no time to remove.</summary>
    private async Task RemoveForgottenAsync(DateTimeOffset now, StateContext context, CancellationToken cancellation)
    {
        foreach (var (job, changed) in folders.All())
        {
            if (changed > now - Forgotten)
                continue;
            var row = await context.Set<RecycleJob>().AsNoTracking().Where(one => one.Id == job)
                .Select(one => new { one.Kind, one.State }).SingleOrDefaultAsync(cancellation);
            if (row is not null && !(row.State.IsFinal() && (row.Kind == JobKind.Tune || row.State == JobState.Cancelled)))
                continue;
            try
            {
                folders.Delete(job);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // In nobody's way but of space; the next sweep tries again.
            }
        }
    }

    /// <summary>For those that only count.</summary>
    public async Task CountAsync(CancellationToken cancellation)
    {
        await using var context = await database.OpenAsync(cancellation);
        metrics.Count(
            await context
                .Set<RecycleJob>()
                .GroupBy(job => job.State)
                .Select(group => new { group.Key, Count = group.Count() })
                .ToDictionaryAsync(group => group.Key, group => group.Count, cancellation)
        );
    }

    /// <summary>What a lone process left running when it ended, it takes up at once: there is nobody else who could be at it.</summary>
    public async Task TakeUpAsync(CancellationToken cancellation)
    {
        await using var context = await database.OpenAsync(cancellation);
        await context.Set<RecycleUnit>().Where(unit => unit.State == UnitState.Running)
            .ExecuteUpdateAsync(set => set.SetProperty(unit => unit.Heartbeat, DateTimeOffset.UnixEpoch), cancellation);
    }

    private async Task<List<string>> ActiveAsync(CancellationToken cancellation)
    {
        await using var context = await database.OpenAsync(cancellation);
        return await context
            .Set<RecycleJob>()
            .Where(job => job.State == JobState.Queued || job.State == JobState.Running || job.State == JobState.Cancelling)
            .OrderBy(job => job.Sequence)
            .ThenBy(job => job.Id)
            .Select(job => job.Id)
            .ToListAsync(cancellation);
    }
}
