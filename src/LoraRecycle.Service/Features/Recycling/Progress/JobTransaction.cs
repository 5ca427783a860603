using System.Text.Json.Serialization.Metadata;
using LoraRecycle.Service.Features.Recycling.Jobs;
using LoraRecycle.Service.Platform.Storage;
using Microsoft.EntityFrameworkCore;

namespace LoraRecycle.Service.Features.Recycling.Progress;

/// <summary>A change of one job, which nobody else changes meanwhile.</summary>
/// <param name="context">The database.</param>
/// <param name="job">The job's row, tracked and locked.</param>
/// <param name="time">The clock.</param>
internal sealed class JobTransaction(StateContext context, RecycleJob job, TimeProvider time)
{
    public StateContext Context => context;

    public RecycleJob Job => job;

    public DateTimeOffset Now { get; } = time.GetUtcNow();

    /// <summary>All units, tracked, in their order.</summary>
    public Task<List<RecycleUnit>> UnitsAsync(CancellationToken cancellation) =>
        context.Set<RecycleUnit>().Where(unit => unit.JobId == job.Id).OrderBy(unit => unit.Number).ToListAsync(cancellation);

    /// <summary>Notes an event, which is there when the change is.</summary>
    public void Append<T>(string type, T data, JsonTypeInfo<T> json) =>
        context.Add(RecycleEvent.Create(job.Id, ++job.Events, Now, type, data, json));

    public void Enter(JobStage stage, string message)
    {
        if (job.Stage == stage)
            return;
        (job.Stage, job.StageStarted) = (stage, Now);
        Append(EventTypes.Stage, new StageEvent(stage, message), RecycleJson.Default.StageEvent);
    }
}

/// <summary>Changes jobs one change at a time: each locks the job's row first, so events have no gaps and nobody waits crosswise.</summary>
internal sealed class JobTransactions(StateDatabase database, TimeProvider time, JobSignals signals)
{
    /// <param name="id">The job's.</param>
    /// <param name="change">What to do with it; what it leaves tracked is saved.</param>
    /// <param name="cancellation">Ends it without a change.</param>
    /// <returns>What the change gave; nothing where there is no such job any more.</returns>
    public async Task<T?> RunAsync<T>(string id, Func<JobTransaction, Task<T>> change, CancellationToken cancellation)
    {
        await using var context = await database.OpenAsync(cancellation);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellation);
        var rows = context.Set<RecycleJob>().Where(job => job.Id == id);
        await rows.ExecuteUpdateAsync(set => set.SetProperty(job => job.Events, job => job.Events), cancellation);
        if (await rows.SingleOrDefaultAsync(cancellation) is not { } job)
            return default;
        var result = await change(new JobTransaction(context, job, time));
        await context.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        signals.Pulse();
        return result;
    }
}
