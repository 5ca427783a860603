using LoraRecycle.Core.Imaging;

namespace LoraRecycle.Service.Serving;

/// <summary>
/// The one thread that touches the model of a device: it loads the model, warms it up, runs batch after batch until the
/// queue is completed, and disposes the model.
/// </summary>
internal sealed class ModelThread
{
    private readonly LoadVisionModel _load;
    private readonly BatchQueue _queue;
    private readonly int _maxBatch;
    private readonly TimeSpan _maxWait;
    private readonly TaskCompletionSource<ModelDescription> _loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ModelThread(LoadVisionModel load, BatchQueue queue, int maxBatch, TimeSpan maxWait)
    {
        _load = load;
        _queue = queue;
        _maxBatch = maxBatch;
        _maxWait = maxWait;
    }

    /// <summary>Completes when the model has done its first forward pass.</summary>
    public Task<ModelDescription> Loaded => _loaded.Task;

    /// <summary>Completes when the thread has ended; fails when it ended before the queue was completed.</summary>
    public Task Ended => _ended.Task;

    public void Start() => new Thread(Run) { Name = "model", IsBackground = true }.Start();

    private void Run()
    {
        try
        {
            using var model = _load();
            WarmUp(model);
            _loaded.SetResult(model.Description);
            var batch = new List<PendingImage>(_maxBatch);
            while (_queue.Take(batch, _maxBatch, _maxWait))
            {
                Embed(model, batch);
                batch.Clear();
            }
            _ended.SetResult();
        }
        catch (Exception exception)
        {
            var failure = new ModelFailureException("The model could not be loaded, or its thread ended.", exception);
            FailWhatWaits(failure);
            _loaded.TrySetException(failure);
            _ended.SetException(failure);
        }
    }

    private void FailWhatWaits(ModelFailureException failure)
    {
        _queue.Complete();
        var left = new List<PendingImage>();
        while (_queue.Take(left, int.MaxValue, TimeSpan.Zero))
            left.ForEach(pending => pending.Fail(failure));
    }

    // The first pass of a process pays for code, threads and memory that all later ones share.
    private static void WarmUp(IVisionModel model) => Forward(model, [new DecodedImage(8, 8, new byte[8 * 8 * DecodedImage.Channels])]);

    private static void Embed(IVisionModel model, List<PendingImage> batch)
    {
        if (batch.Count == 0)
            return;
        float[][] embeddings;
        try
        {
            embeddings = Forward(model, batch.ConvertAll(pending => pending.Image));
        }
        catch (Exception) when (batch.Count > 1)
        {
            // One image must not fail the requests that happened to share its batch.
            foreach (var pending in batch)
                Embed(model, [pending]);
            return;
        }
        catch (Exception exception)
        {
            batch[0].Fail(exception as ModelFailureException ?? new ModelFailureException("The forward pass failed.", exception));
            return;
        }
        for (var i = 0; i < embeddings.Length; i++)
            batch[i].Succeed(embeddings[i]);
    }

    private static float[][] Forward(IVisionModel model, List<DecodedImage> images)
    {
        var embeddings = model.Embed(images);
        if (embeddings.Length != images.Count)
            throw new ModelFailureException($"Expected {images.Count} embeddings; the model gave {embeddings.Length}.");
        foreach (var embedding in embeddings)
            if (embedding.Length != model.Description.EmbeddingLength || embedding.AsSpan().ContainsAnyExceptInRange(float.MinValue, float.MaxValue))
                throw new ModelFailureException($"Expected {model.Description.EmbeddingLength} finite values; the model gave {embedding.Length}, or some that are not finite.");
        return embeddings;
    }
}
