using LoraRecycle.Core.Imaging;
using LoraRecycle.Service.Serving.Models;

namespace LoraRecycle.Service.Serving.Devices;

/// <summary>A decoded image that waits for its embedding. Whoever ends the wait also gives the memory back.</summary>
internal sealed class PendingImage(DecodedImage image, ServedAdapter adapter, IDisposable? memory, CancellationToken cancellation)
{
    private const int MostMoves = 2;

    // Continuations must not run on the model's thread: they answer requests.
    private readonly TaskCompletionSource<float[]> _embedding = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _moves;

    public DecodedImage Image { get; } = image;

    /// <summary>The adapter that it is embedded with.</summary>
    public ServedAdapter Adapter { get; } = adapter;

    public Task<float[]> Embedding => _embedding.Task;

    /// <summary>Whether nobody waits any more; such an image needs no forward pass.</summary>
    public bool IsCancelled => cancellation.IsCancellationRequested;

    /// <summary>Whether it may go to another device; not for ever, so that one that no device can stand does not visit all of
    /// them.</summary>
    public bool TryMove() => !_embedding.Task.IsCompleted && Interlocked.Increment(ref _moves) <= MostMoves;

    /// <summary>One that proves that a device works, and so stays with it.</summary>
    public static PendingImage Probe(ServedAdapter adapter, CancellationToken cancellation) =>
        new(ForwardPass.Blank, adapter, memory: null, cancellation) { _moves = MostMoves };

    /// <summary>The first device to answer counts: one that hung may still come back.</summary>
    public void Succeed(float[] embedding)
    {
        memory?.Dispose();
        _embedding.TrySetResult(embedding);
    }

    public void Fail(Exception exception)
    {
        memory?.Dispose();
        _embedding.TrySetException(exception);
    }

    public void Cancel()
    {
        memory?.Dispose();
        _embedding.TrySetCanceled(cancellation);
    }
}
