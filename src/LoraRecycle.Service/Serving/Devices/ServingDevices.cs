using LoraRecycle.Service.Platform.Startup;
using LoraRecycle.Service.Serving.ActiveAdapter;
using LoraRecycle.Service.Serving.Configuration;
using LoraRecycle.Service.Serving.Models;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Serving.Devices;

/// <summary>
/// The devices that serve, each with a model and a thread of its own, behind one queue. They live as long as the server; one
/// that fails or hangs leaves its images to the others. They begin when the page has had its time: libtorch has to be loaded even
/// to say which devices there are.
/// </summary>
internal sealed partial class ServingDevices : IHostedService, IAsyncDisposable, IDisposable
{
    // What the process ends with: a model that no other try would load is told from a device that failed.
    private const int Failed = 1, BadModel = 2;

    private readonly TimeSpan _deadline;
    private readonly TimeProvider _time;
    private readonly ServingMetrics _metrics;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly ILogger<ServingDevices> _logger;
    private readonly TaskCompletionSource<ModelDescription> _model = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly PageFirst _pageFirst;
    private readonly Func<IReadOnlyList<ModelThread>> _find;
    private readonly CancellationTokenSource _stopping = new();
    private static readonly TimeSpan LongestLoading = TimeSpan.FromMinutes(2);

    private readonly Lock _ending = new();
    private volatile IReadOnlyList<ModelThread> _all = [];
    private Task _watch = Task.CompletedTask;
    private Task? _end;

    public ServingDevices(
        LoadFoundationModel load,
        ActiveMetaLora active,
        IOptions<ServingOptions> options,
        IOptions<ModelsOptions> models,
        IOptions<HealthOptions> health,
        PageFirst pageFirst,
        TimeProvider time,
        ServingMetrics metrics,
        IHostApplicationLifetime lifetime,
        ILogger<ServingDevices> logger
    )
    {
        (_deadline, _pageFirst, _time, _metrics, _lifetime, _logger) = (health.Value.Deadline, pageFirst, time, metrics, lifetime, logger);
        Queue = new BatchQueue(options.Value.QueueImages);
        _find = () =>
        [
            .. ServingDevice.Of(options.Value).Select(device => new ModelThread(
                device.Name, () => new LoadedModels(load(device), models.Value.MaxLoaded, () => active.Current), () => active.Current,
                Queue, options.Value.MaxBatch, options.Value.MaxWait, metrics)),
        ];
        metrics.ObserveQueue(() => Queue.Waiting);
        metrics.ObserveDevices(() => All);
    }

    /// <summary>In the order of the settings; none until libtorch is loaded, and all of them once <see cref="Model"/> completes.</summary>
    public IReadOnlyList<ModelThread> All => _all;

    public BatchQueue Queue { get; }

    /// <summary>
    /// The bare model; completes when it and the active meta-LoRA are loaded and warm on every device that can load them, fails
    /// when none can.
    /// </summary>
    /// <remarks>Who asks does not come for the page alone, so the loading begins.</remarks>
    public Task<ModelDescription> Model
    {
        get
        {
            _pageFirst.End();
            return _model.Task;
        }
    }

    /// <summary>The meta-LoRAs that are merged and in memory on every device that serves, the most recently used first.</summary>
    public IReadOnlyList<ServedAdapter> Loaded => All.Where(device => device.State != DeviceState.Lost).Select(device => device.Adapters)
        .Aggregate((IReadOnlyList<ServedAdapter>?)null, (common, loaded) => common is null ? loaded : [.. common.Intersect(loaded)]) ?? [];

    /// <summary>Loads what requests will soon ask for, and proves it by a forward pass on every device that serves.</summary>
    /// <exception cref="ModelFailureException">No device works.</exception>
    /// <exception cref="DeviceExhaustedException">A device has not enough memory left for a single image.</exception>
    /// <exception cref="AdapterMergeException">The meta-LoRA could not be merged into the model.</exception>
    public async Task PrepareAsync(ServedAdapter adapter, CancellationToken cancellation)
    {
        await Model.WaitAsync(cancellation);
        await AdapterTrial.RunAsync(All, adapter, _time, cancellation);
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _watch = ServeAsync();
        return Task.CompletedTask;
    }

    /// <summary>Hosted services stop after the server has finished its requests, so nobody waits for the devices any more.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => EndAsync();

    /// <summary>For a host that is disposed without being stopped: the threads must not outlive it, nor libtorch's end of the
    /// process.</summary>
    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _stopping.Dispose();
    }

    public void Dispose()
    {
        EndAsync().Wait();
        _stopping.Dispose();
    }

    private async Task ServeAsync()
    {
        if (!await _pageFirst.WaitAsync(_stopping.Token))
        {
            _model.SetCanceled(_stopping.Token);
            return;
        }
        var started = _time.GetTimestamp();
        // Not on a thread of the pool: it would need another one for the requests, and none can start meanwhile.
        _all = await Task.Factory.StartNew(_find, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        foreach (var device in All)
            device.Start();
        await Task.WhenAll(AwaitModelAsync(started), LookForHangsAsync());
    }

    private async Task AwaitModelAsync(long started)
    {
        var loaded = await Task.WhenAll(All.Select(device => AwaitLoadedAsync(device, started)));
        if (loaded.OfType<ModelDescription>().FirstOrDefault() is { } model)
            _model.SetResult(model);
        else
            _model.SetException(new ModelFailureException("The model could not be loaded.", All[0].Loaded.Exception?.InnerException));
        try
        {
            await Task.WhenAll(All.Select(device => device.Ended));
        }
        catch (ModelFailureException exception) when (All.All(device => device.Ended.IsFaulted))
        {
            LogEnded(_logger, exception);
            Environment.ExitCode = exception.IsOfFiles ? BadModel : Failed;
            _lifetime.StopApplication();
        }
        catch (ModelFailureException)
        {
            // Each was logged; the others went on to the end.
        }
    }

    private async Task<ModelDescription?> AwaitLoadedAsync(ModelThread device, long started)
    {
        try
        {
            var model = await device.Loaded;
            if (
                All.TakeWhile(other => other != device)
                    .All(other =>
                        other.Loaded is not { IsCompletedSuccessfully: true, Result: var earlier } || earlier.Device != model.Device
                    )
            )
                _metrics.ObserveMemory(model.Device);
            LogReady(
                _logger,
                model.Id,
                device.Adapters is [var last, ..] ? last.Id : ServedAdapter.None.Id,
                device.Name,
                model.Precision,
                model.EmbeddingLength,
                model.Revision,
                _time.GetElapsedTime(started).TotalMilliseconds
            );
            return model;
        }
        catch (ModelFailureException exception)
        {
            LogNotLoaded(_logger, exception, device.Name);
            return null;
        }
    }

    private async Task LookForHangsAsync()
    {
        using var timer = new PeriodicTimer(_deadline / 4, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token))
                foreach (var device in All)
                    if (device.NoteHang(_deadline))
                        LogHangs(_logger, device.Name, _deadline.TotalSeconds);
        }
        catch (OperationCanceledException)
        {
            // The server ends.
        }
    }

    private Task EndAsync()
    {
        lock (_ending)
            return _end ??= EndOnceAsync();
    }

    /// <summary>Waits as long as a pass may take, also when the time of the host is over: the requests may have needed all of it.</summary>
    /// <remarks>A model that is being loaded is waited for longer: libtorch crashes when the process ends in the middle of that.</remarks>
    private async Task EndOnceAsync()
    {
        Queue.Complete();
        await _stopping.CancelAsync();
        var patience = _model.Task.IsCompleted || _deadline > LongestLoading ? _deadline : LongestLoading;
        try
        {
            await _watch.WaitAsync(patience, _time);
        }
        catch (TimeoutException)
        {
            foreach (var device in All.Where(device => !device.Ended.IsCompleted))
                LogLeft(_logger, device.Name, patience.TotalSeconds);
        }
    }

    [LoggerMessage(
        1,
        LogLevel.Information,
        "{Model} with meta-LoRA {MetaLora} is ready on {Device} in {Precision}: embeddings of {Length} values, revision {Revision}, "
            + "after {ElapsedMs:0} ms"
    )]
    private static partial void LogReady(
        ILogger logger,
        string model,
        string metaLora,
        string device,
        string precision,
        int length,
        string revision,
        double elapsedMs
    );

    [LoggerMessage(2, LogLevel.Critical, "No model to serve; the server stops")]
    private static partial void LogEnded(ILogger logger, Exception exception);

    [LoggerMessage(4, LogLevel.Error, "{Device} cannot serve")]
    private static partial void LogNotLoaded(ILogger logger, Exception exception, string device);

    [LoggerMessage(
        5,
        LogLevel.Error,
        "{Device} hangs: a forward pass has been running for {Seconds} s. Other devices take over its images"
    )]
    private static partial void LogHangs(ILogger logger, string device, double seconds);

    [LoggerMessage(6, LogLevel.Warning, "{Device} did not end its forward pass within {Seconds} s; the server stops without it")]
    private static partial void LogLeft(ILogger logger, string device, double seconds);
}
