using LoraRecycle.Core.FewShot.Calibration;
using LoraRecycle.Service.Features.StoredTasks.Storage;
using LoraRecycle.Service.Platform.Http.Errors;
using LoraRecycle.Service.Serving.Models;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Features.StoredTasks.Ready;

/// <summary>
/// The prototypes of tasks in use, so that a query costs its own forward pass and no more. The revision is looked up each
/// time: another process may have changed the task; and so is the calibration, whose file may be new.
/// </summary>
internal sealed class ReadyTasks(TaskStore store, TaskAdapters adapters, Calibrations calibrations, IOptions<TaskOptions> options)
    : IDisposable
{
    private readonly MemoryCache _cache = new(new MemoryCacheOptions { SizeLimit = options.Value.CacheBytes });

    /// <param name="id">Of the task.</param>
    /// <param name="model">The bare model.</param>
    /// <param name="cancellation">Of the request.</param>
    /// <exception cref="ProblemException">There is no such task.</exception>
    public async Task<ReadyTask> FindAsync(string id, ModelDescription model, CancellationToken cancellation)
    {
        var revision = await store.RevisionAsync(id, cancellation) ?? throw NotFound();
        if (_cache.TryGetValue(id, out ReadyTask? known) && known!.Revision == revision
            && known.Calibration == CalibrationOf(known.AdapterId, known.AdapterRevision, known.ModelRevision))
            return known;
        var task = await store.FindAsync(id, cancellation) ?? throw NotFound();
        var ready = ReadyTask.Of(task, CalibrationOf(task.AdapterId, task.AdapterRevision, task.ModelRevision));
        return _cache.Set(id, ready, new MemoryCacheEntryOptions { Size = ready.Bytes });

        // Of embeddings that cannot be asked any more none is needed: the task is embedded anew.
        CalibrationChoice CalibrationOf(string adapterId, string adapterRevision, string modelRevision) =>
            modelRevision == model.Revision && adapters.Find(adapterId, adapterRevision) is { } adapter
                ? calibrations.For(model, adapter)
                : CalibrationChoice.Unfitted;
    }

    public static ProblemException NotFound() =>
        new(TaskProblems.NotFound, "Expected the id of a stored task; no task has this id. GET /tasks lists them.");

    public void Dispose() => _cache.Dispose();
}
