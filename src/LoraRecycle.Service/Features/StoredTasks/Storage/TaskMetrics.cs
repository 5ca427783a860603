using System.Diagnostics.Metrics;
using LoraRecycle.Service.Platform.Observability.Metrics;
using LoraRecycle.Service.Platform.Storage;

namespace LoraRecycle.Service.Features.StoredTasks.Storage;

/// <summary>What stored tasks tell of themselves.</summary>
internal sealed class TaskMetrics
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(5);

    private readonly TaskStore _store;
    private readonly StateDatabase _database;
    private readonly TimeProvider _time;
    private readonly Counter<long> _renewals;
    private Task _counting = Task.CompletedTask;
    private long _counted;
    private int _count;

    public TaskMetrics(IMeterFactory factory, TaskStore store, StateDatabase database, TimeProvider time)
    {
        (_store, _database, _time) = (store, database, time);
        var meter = factory.Create(ServiceMeter.Name);
        meter.CreateObservableGauge("lora_recycle.tasks.stored", Count, "{task}", "Stored tasks at the latest count.");
        _renewals = meter.CreateCounter<long>(
            "lora_recycle.tasks.renewals",
            "{task}",
            "Tasks whose embeddings were recomputed for another meta-LoRA, by outcome."
        );
    }

    public void Renewed(bool succeeded) => _renewals.Add(1, new KeyValuePair<string, object?>("outcome", succeeded ? "done" : "failed"));

    /// <summary>The last number known: whoever asks for metrics waits for no database, and finds the next number the next time.</summary>
    private int Count()
    {
        if (_counting.IsCompleted && _database.IsThere && (_counted == 0 || _time.GetElapsedTime(_counted) > Fresh))
            _counting = CountAsync();
        return Volatile.Read(ref _count);
    }

    private async Task CountAsync()
    {
        await Task.Yield();
        try
        {
            Volatile.Write(ref _count, await _store.CountAsync(CancellationToken.None));
        }
        catch (Exception exception) when (StateFailures.IsUnusable(exception))
        {
            // The last number stays.
        }
        _counted = _time.GetTimestamp();
    }
}
