using LoraRecycle.Service.Errors;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.StoredTasks;

/// <summary>
/// The prototypes of tasks in use, so that a query costs its own forward pass and no more. The revision is looked up each
/// time: another process may have changed the task.
/// </summary>
internal sealed class ReadyTasks(TaskStore store, IOptions<TaskOptions> options) : IDisposable
{
    private readonly MemoryCache _cache = new(new MemoryCacheOptions { SizeLimit = options.Value.CacheBytes });

    /// <exception cref="ProblemException">There is no such task.</exception>
    public async Task<ReadyTask> FindAsync(string id, CancellationToken cancellation)
    {
        var revision = await store.RevisionAsync(id, cancellation) ?? throw NotFound();
        if (_cache.TryGetValue(id, out ReadyTask? known) && known!.Revision == revision)
            return known;
        var ready = ReadyTask.Of(await store.FindAsync(id, cancellation) ?? throw NotFound());
        return _cache.Set(id, ready, new MemoryCacheEntryOptions { Size = ready.Bytes });
    }

    public static ProblemException NotFound() =>
        new(TaskProblems.NotFound, "Expected the id of a stored task; there is none with this one. GET /tasks lists them.");

    public void Dispose() => _cache.Dispose();
}
