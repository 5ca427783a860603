using LoraRecycle.Core.Imaging;

namespace LoraRecycle.Service.Serving;

/// <summary>
/// The one thread that touches the models of a device: it loads the foundation model, merges meta-LoRAs into it, warms it
/// up, runs batch after batch until the queue is completed, and disposes them all.
/// </summary>
internal sealed class ModelThread
{
    private readonly Func<LoadedModels> _load;
    private readonly Wearing _first;
    private readonly BatchQueue _queue;
    private readonly int _maxBatch;
    private readonly TimeSpan _maxWait;
    private readonly Action<int, TimeSpan>? _forwarded;
    private readonly TaskCompletionSource<ModelDescription> _loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private LoadedModels? _models;

    /// <param name="load">Loads the models; called on the thread.</param>
    /// <param name="first">What is loaded beside the bare model before the first batch.</param>
    /// <param name="queue">What waits.</param>
    /// <param name="maxBatch">Most images of a batch.</param>
    /// <param name="maxWait">How long a batch waits for images that are being decoded.</param>
    /// <param name="forwarded">Told of each batch, its images and how long the forward pass took; called on the thread.</param>
    public ModelThread(Func<LoadedModels> load, Wearing first, BatchQueue queue, int maxBatch, TimeSpan maxWait, Action<int, TimeSpan>? forwarded = null)
    {
        _load = load;
        _first = first;
        _queue = queue;
        _maxBatch = maxBatch;
        _maxWait = maxWait;
        _forwarded = forwarded;
    }

    /// <summary>The meta-LoRAs that are loaded.</summary>
    public IReadOnlyList<Wearing> Wearings => Volatile.Read(ref _models)?.Wearings ?? [];

    /// <summary>Completes when the models have done their first forward pass; describes the bare one.</summary>
    public Task<ModelDescription> Loaded => _loaded.Task;

    /// <summary>Completes when the thread has ended; fails when it ended before the queue was completed.</summary>
    public Task Ended => _ended.Task;

    /// <summary>A picture that proves that a model works, and says nothing.</summary>
    public static DecodedImage Blank => new(8, 8, new byte[8 * 8 * DecodedImage.Channels]);

    public void Start() => new Thread(Run) { Name = "model", IsBackground = true }.Start();

    private void Run()
    {
        try
        {
            Serve();
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

    private void Serve()
    {
        using var models = _load();
        Volatile.Write(ref _models, models);
        var bare = models.For(Wearing.None);
        WarmUp(bare);
        if (_first != Wearing.None)
            WarmUp(models.For(_first));
        _loaded.SetResult(bare.Description);
        var batch = new List<PendingImage>(_maxBatch);
        while (_queue.Take(batch, _maxBatch, _maxWait))
        {
            Embed(models, batch);
            batch.Clear();
        }
    }

    private void FailWhatWaits(ModelFailureException failure)
    {
        _queue.Complete();
        var left = new List<PendingImage>();
        while (_queue.Take(left, int.MaxValue, TimeSpan.Zero))
        {
            left.ForEach(pending => pending.Fail(failure));
            left.Clear();
        }
    }

    // The first pass of a process pays for code, threads and memory that all later ones share.
    private static void WarmUp(IVisionModel model) => Forward(model, [Blank]);

    private void Embed(LoadedModels models, List<PendingImage> batch)
    {
        if (batch.Count == 0)
            return;
        IVisionModel model;
        try
        {
            model = models.For(batch[0].Wearing);
        }
        catch (WearingException exception)
        {
            batch.ForEach(pending => pending.Fail(exception));
            return;
        }
        Embed(model, batch);
    }

    private void Embed(IVisionModel model, List<PendingImage> batch)
    {
        float[][] embeddings;
        try
        {
            var started = TimeProvider.System.GetTimestamp();
            embeddings = Forward(model, batch.ConvertAll(pending => pending.Image));
            _forwarded?.Invoke(batch.Count, TimeProvider.System.GetElapsedTime(started));
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
