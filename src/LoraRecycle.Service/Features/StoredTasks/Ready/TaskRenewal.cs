using System.Collections.Concurrent;
using LoraRecycle.Service.Features.StoredTasks.Storage;
using LoraRecycle.Service.Platform.Http.Errors;
using LoraRecycle.Service.Serving.Embedding;
using LoraRecycle.Service.Serving.Models;

namespace LoraRecycle.Service.Features.StoredTasks.Ready;

/// <summary>
/// Makes the embeddings of a task anew, in the background, when the model or the meta-LoRA that it follows is another one: from
/// the images as they were sent, so the result is that of storing the task afresh. The old ones stay until all of the new are
/// there, and when it fails, which is tried again, then with the next query.
/// </summary>
internal sealed partial class TaskRenewal(
    TaskStore store,
    BlobStore blobs,
    TaskAdapters adapters,
    ImageEmbedder embedder,
    TaskMetrics metrics,
    TimeProvider time,
    ILogger<TaskRenewal> logger
) : IHostedService, IDisposable
{
    private const int Attempts = 5;
    private const int ImagesAtOnce = 64;
    private const long BytesAtOnce = 32L << 20;
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(0.5);

    private readonly ConcurrentDictionary<(string Task, ServedAdapter Adapter), Lazy<Task>> _running = new();
    private readonly SemaphoreSlim _turn = new(1); // one task after the other, so that queries find room in the queue
    private readonly CancellationTokenSource _stopping = new();
    private bool _isDisposed;

    /// <summary>Begins it, unless it is under way.</summary>
    /// <returns>Completes when the embeddings are those of the adapter, or the task is gone or asks for another one; fails when that was
    /// given up.</returns>
    public Task Begin(string id, ServedAdapter adapter) =>
        _running.GetOrAdd((id, adapter), key => new Lazy<Task>(() => RunAsync(key.Task, key.Adapter))).Value;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_isDisposed)
            return;
        await _stopping.CancelAsync();
        await Task.WhenAll(_running.Values.Select(running => running.Value))
            .ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    public void Dispose()
    {
        // Twice, because it is registered as two services.
        if (Interlocked.Exchange(ref _isDisposed, true))
            return;
        _stopping.Cancel();
        _stopping.Dispose();
        _turn.Dispose();
    }

    private async Task RunAsync(string id, ServedAdapter adapter)
    {
        var stopping = _stopping.Token;
        await Task.Yield();
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                try
                {
                    await InTurnAsync(id, adapter, stopping);
                    return;
                }
                catch (Exception exception) when (exception is not OperationCanceledException)
                {
                    // A file that is lost does not come back in seconds.
                    if (attempt == Attempts || exception is ProblemException { Kind: var kind } && kind == TaskProblems.ImageLost)
                    {
                        metrics.Renewed(succeeded: false);
                        LogFailed(logger, exception, id, adapter.Id);
                        throw;
                    }
                    await Task.Delay(FirstPause * (1 << (attempt - 1)), time, stopping);
                }
            }
        }
        finally
        {
            _running.TryRemove((id, adapter), out _);
        }
    }

    private async Task InTurnAsync(string id, ServedAdapter adapter, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            while (!await TryRenewAsync(id, adapter, cancellation))
            {
                // Somebody changed the task meanwhile.
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<bool> TryRenewAsync(string id, ServedAdapter adapter, CancellationToken cancellation)
    {
        var model = await embedder.Model.WaitAsync(cancellation);
        if (
            await store.FindAsync(id, cancellation) is not { } task
            || (task.ModelRevision == model.Revision && task.AdapterRevision == adapter.Revision)
        )
            return true;
        // One that waited for its turn while another became active would undo what that one's renewal did.
        if (adapters.TryWanted(task.MetaLora)?.Revision != adapter.Revision)
            return true;
        var started = time.GetTimestamp();
        var embeddings = new List<float[]>(task.Support.Count);
        while (embeddings.Count < task.Support.Count)
            embeddings.AddRange(
                (
                    await embedder.EmbedAsync(await ReadSomeAsync(task.Support.Skip(embeddings.Count), cancellation), adapter, cancellation)
                ).Embeddings
            );
        var isDone = await store.ChangeAsync(
            task,
            read =>
            {
                for (var i = 0; i < embeddings.Count; i++)
                    read.Support[i].Embedding = TaskSupport.ToBytes(embeddings[i]);
                (read.ModelRevision, read.AdapterId, read.AdapterRevision) = (model.Revision, adapter.Id, adapter.Revision);
            },
            intake: null, cancellation);
        if (isDone)
        {
            metrics.Renewed(succeeded: true);
            LogRenewed(logger, id, embeddings.Count, adapter.Id, time.GetElapsedTime(started).TotalMilliseconds);
        }
        return isDone;
    }

    private async Task<IReadOnlyList<ReadOnlyMemory<byte>>> ReadSomeAsync(IEnumerable<StoredImage> images, CancellationToken cancellation)
    {
        var read = new List<ReadOnlyMemory<byte>>();
        var bytes = 0L;
        foreach (var image in images)
        {
            bytes += image.Bytes;
            if (read.Count == ImagesAtOnce || (read.Count > 0 && bytes > BytesAtOnce))
                break;
            read.Add(await blobs.ReadAsync(image, cancellation));
        }
        return read;
    }

    [LoggerMessage(
        1,
        LogLevel.Information,
        "Task {Id}: recomputed the embeddings of {Images} images with meta-LoRA {MetaLora} in {ElapsedMs:0} ms"
    )]
    private static partial void LogRenewed(ILogger logger, string id, int images, string metaLora, double elapsedMs);

    [LoggerMessage(
        2,
        LogLevel.Error,
        "Task {Id}: could not recompute the embeddings with meta-LoRA {MetaLora}; the task answers with the old ones, and the next "
            + "query tries again"
    )]
    private static partial void LogFailed(ILogger logger, Exception exception, string id, string metaLora);
}
