using LoraRecycle.Service.Serving.Models;

namespace LoraRecycle.Service.Serving.Devices;

/// <summary>
/// The one thread that touches the models of a device: it loads the foundation model, merges meta-LoRAs into it, warms it
/// up, runs batch after batch until the queue is completed, and disposes them all. While passes fail through no fault of an
/// image it tries the device again and again, and leaves the images to other devices.
/// </summary>
internal sealed class ModelThread
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Func<LoadedModels> _load;
    private readonly Func<ServedAdapter> _first;
    private readonly BatchQueue _queue;
    private readonly TimeSpan _maxWait;
    private readonly Lane _lane;
    private readonly BatchRunner _runner;
    private readonly TaskCompletionSource<ModelDescription> _loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _passGate = new();

    private LoadedModels? _models;
    private (PendingImage[] Images, long Started)? _pass;

    /// <param name="name">The device's name.</param>
    /// <param name="load">Loads the models; called on the thread.</param>
    /// <param name="first">What is loaded beside the bare model before the first batch; called on the thread.</param>
    /// <param name="queue">What waits.</param>
    /// <param name="maxBatch">Most images of a batch.</param>
    /// <param name="maxWait">How long a batch waits for images that are being decoded.</param>
    /// <param name="metrics">Told of each pass; null for nobody.</param>
    public ModelThread(
        string name,
        Func<LoadedModels> load,
        Func<ServedAdapter> first,
        BatchQueue queue,
        int maxBatch,
        TimeSpan maxWait,
        ServingMetrics? metrics = null
    )
    {
        (Name, _load, _first, _queue, _maxWait) = (name, load, first, queue, maxWait);
        _lane = queue.Open();
        _runner = new BatchRunner(name, _lane, queue, maxBatch, metrics);
    }

    /// <summary>The device's name.</summary>
    public string Name { get; }

    public DeviceState State =>
        _ended.Task.IsCompleted ? DeviceState.Lost
        : !_loaded.Task.IsCompleted ? DeviceState.Loading
        : _lane.IsHanging ? DeviceState.Hanging
        : _lane.IsFailing ? DeviceState.Failing
        : DeviceState.Ready;

    /// <summary>The meta-LoRAs that are loaded.</summary>
    public IReadOnlyList<ServedAdapter> Adapters => Volatile.Read(ref _models)?.Adapters ?? [];

    /// <summary>Completes when the models have done their first forward pass; describes the bare one.</summary>
    public Task<ModelDescription> Loaded => _loaded.Task;

    /// <summary>Completes when the thread has ended; fails when it ended before the queue was completed.</summary>
    public Task Ended => _ended.Task;

    public void Start() => new Thread(Run) { Name = $"model on {Name}", IsBackground = true }.Start();

    /// <summary>One forward pass on this device before all that waits. On a device that hangs it never completes.</summary>
    /// <exception cref="ModelFailureException">The model failed, or could not be loaded.</exception>
    /// <exception cref="AdapterMergeException">The meta-LoRA could not be merged into the model.</exception>
    public Task ProbeAsync(ServedAdapter adapter, CancellationToken cancellation)
    {
        var probe = PendingImage.Probe(adapter, cancellation);
        _queue.EnterFirst(_lane, probe);
        return probe.Embedding.WaitAsync(cancellation);
    }

    /// <summary>Notices a pass that has been under way for too long, and gives its images to other devices.</summary>
    /// <returns>Whether it was noticed just now.</returns>
    public bool NoteHang(TimeSpan deadline)
    {
        PendingImage[] images;
        lock (_passGate)
        {
            if (_lane.IsHanging || _pass is not { } pass || TimeProvider.System.GetElapsedTime(pass.Started) < deadline)
                return false;
            images = pass.Images;
            _queue.Mark(_lane, lane => lane.IsHanging = true);
        }
        _queue.Move(_lane, images);
        return true;
    }

    private void Run()
    {
        try
        {
            Serve();
            _queue.Close(_lane, new ModelFailureException("The server is shutting down."));
            _ended.SetResult();
        }
        catch (Exception exception)
        {
            var failure = new ModelFailureException($"The model could not be loaded on {Name}, or its thread ended.", exception);
            _queue.Close(_lane, failure);
            _ended.SetException(failure);
            _loaded.TrySetException(failure);
        }
    }

    private void Serve()
    {
        using var models = _load();
        Volatile.Write(ref _models, models);
        var bare = models.For(ServedAdapter.None);
        ForwardPass.Prove(bare);
        if (_first() is var first && first != ServedAdapter.None)
            ForwardPass.Prove(models.For(first));
        _loaded.SetResult(bare.Description);
        var batch = new List<PendingImage>();
        while (_queue.Take(_lane, batch, _runner.Limit, _maxWait, _lane.IsFailing ? Pause : Timeout.InfiniteTimeSpan))
        {
            Begin(batch);
            if (batch.Count > 0)
                _runner.Run(models, batch);
            else if (_lane.IsFailing)
                _runner.Works(models);
            End();
            batch.Clear();
        }
    }

    private void Begin(List<PendingImage> batch)
    {
        lock (_passGate)
            _pass = ([.. batch], TimeProvider.System.GetTimestamp());
    }

    private void End()
    {
        lock (_passGate)
        {
            _pass = null;
            if (_lane.IsHanging)
                _queue.Mark(_lane, lane => lane.IsHanging = false);
        }
    }
}
