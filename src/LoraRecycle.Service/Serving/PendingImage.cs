using LoraRecycle.Core.Imaging;

namespace LoraRecycle.Service.Serving;

/// <summary>A decoded image that waits for its embedding. Whoever ends the wait also gives the memory back.</summary>
internal sealed class PendingImage(DecodedImage image, Wearing wearing, IDisposable? memory, CancellationToken cancellation)
{
    // Continuations must not run on the model's thread: they answer requests.
    private readonly TaskCompletionSource<float[]> _embedding = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public DecodedImage Image { get; } = image;

    /// <summary>What the model shall wear to embed it.</summary>
    public Wearing Wearing { get; } = wearing;

    public Task<float[]> Embedding => _embedding.Task;

    /// <summary>Whether nobody waits any more; such an image needs no forward pass.</summary>
    public bool IsCancelled => cancellation.IsCancellationRequested;

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
