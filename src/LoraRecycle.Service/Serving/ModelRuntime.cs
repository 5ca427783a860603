using LoraRecycle.Core.Devices;
using LoraRecycle.Core.Imaging;
using LoraRecycle.Service.Configuration;
using LoraRecycle.Service.MetaLoras;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Serving;

/// <summary>
/// A model at work: images are decoded in parallel on the thread pool, wait in a bounded queue, and are embedded by the
/// model's own thread in batches that concurrent requests share.
/// </summary>
internal sealed partial class ModelRuntime : IImageEmbedder, IHostedService, IAsyncDisposable, IDisposable
{
    private readonly ImageDecoder _decoder;
    private readonly DecodedMemory _memory;
    private readonly BatchQueue _queue;
    private readonly ModelThread _thread;
    private readonly TimeProvider _time;
    private readonly ServingMetrics _metrics;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly ILogger<ModelRuntime> _logger;
    private Task _watch = Task.CompletedTask;

    public ModelRuntime(
        LoadFoundationModel load, ActiveMetaLora active, ImageDecoder decoder, IOptions<ServingOptions> options, IOptions<ModelsOptions> models,
        TimeProvider time, ServingMetrics metrics, IHostApplicationLifetime lifetime, ILogger<ModelRuntime> logger)
    {
        _decoder = decoder;
        _memory = new DecodedMemory(options.Value.DecodedBytes);
        _queue = new BatchQueue(options.Value.QueueImages);
        _thread = new ModelThread(
            () => new LoadedModels(load(), models.Value.MaxLoaded, () => active.Current), active.Current, _queue, options.Value.MaxBatch, options.Value.MaxWait,
            metrics.Forwarded);
        metrics.Observe(() => _queue.Waiting, () => _thread.Wearings.Count);
        _time = time;
        _metrics = metrics;
        _lifetime = lifetime;
        _logger = logger;
    }

    public Task<ModelDescription> Model => _thread.Loaded;

    public IReadOnlyList<Wearing> Loaded => _thread.Wearings;

    /// <summary>Images that are admitted and not yet in a forward pass.</summary>
    public int Waiting => _queue.Waiting;

    public async Task PrepareAsync(Wearing wearing, CancellationToken cancellation)
    {
        await Model.WaitAsync(cancellation);
        using var admission = _queue.Admit(1, wearing);
        var blank = new PendingImage(ModelThread.Blank, wearing, memory: null, cancellation);
        admission.Enter(blank);
        await blank.Embedding.WaitAsync(cancellation);
    }

    public async Task ProbeAsync(Wearing wearing)
    {
        await Model;
        var blank = new PendingImage(ModelThread.Blank, wearing, memory: null, CancellationToken.None);
        _queue.EnterFirst(blank);
        await blank.Embedding;
    }

    public async Task<EmbeddedImages> EmbedAsync(IReadOnlyList<ReadOnlyMemory<byte>> encodedImages, Wearing wearing, CancellationToken cancellation)
    {
        await Model.WaitAsync(cancellation);
        var started = _time.GetTimestamp();
        using var admission = _queue.Admit(encodedImages.Count, wearing);
        // Ends the images that wait, too, when this request fails on another one.
        using var request = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        try
        {
            var pending = await DecodeAsync(encodedImages, wearing, admission, request);
            var decoded = _time.GetTimestamp();
            var embeddings = await Task.WhenAll(pending.Select(image => image.Embedding)).WaitAsync(cancellation);
            return new EmbeddedImages(embeddings, _time.GetElapsedTime(started, decoded), _time.GetElapsedTime(decoded), CacheHits: 0);
        }
        catch
        {
            await request.CancelAsync();
            throw;
        }
    }

    private async Task<PendingImage[]> DecodeAsync(
        IReadOnlyList<ReadOnlyMemory<byte>> encodedImages, Wearing wearing, BatchQueue.Admission admission, CancellationTokenSource request)
    {
        var pending = new PendingImage[encodedImages.Count];
        var faults = new ImageException?[encodedImages.Count];
        try
        {
            await Parallel.ForAsync(0, encodedImages.Count, request.Token, async (index, token) =>
            {
                try
                {
                    pending[index] = await DecodeAsync(encodedImages[index], wearing, token, request.Token);
                    admission.Enter(pending[index]);
                }
                catch (ImageException fault)
                {
                    faults[index] = fault;
                    await request.CancelAsync();
                }
            });
        }
        catch (OperationCanceledException) when (Array.Exists(faults, fault => fault is not null))
        {
            // Falls through: the fault is the reason, the cancellation only its consequence.
        }
        var first = Array.FindIndex(faults, fault => fault is not null);
        return first < 0 ? pending : throw new UnusableImageException(first, faults[first]!);
    }

    private async ValueTask<PendingImage> DecodeAsync(ReadOnlyMemory<byte> encoded, Wearing wearing, CancellationToken decoding, CancellationToken request)
    {
        var header = _decoder.ReadHeader(encoded.Span);
        var memory = await _memory.TakeAsync(header.Pixels * DecodedImage.Channels, decoding);
        try
        {
            return new PendingImage(_decoder.Decode(encoded.Span), wearing, memory, request);
        }
        catch
        {
            memory.Dispose();
            throw;
        }
    }

    Task IHostedService.StartAsync(CancellationToken cancellationToken)
    {
        _thread.Start();
        _watch = WatchAsync();
        return Task.CompletedTask;
    }

    /// <summary>Hosted services stop after the server has finished its requests, so nobody waits for the model any more.</summary>
    Task IHostedService.StopAsync(CancellationToken cancellationToken)
    {
        _queue.Complete();
        return _watch.WaitAsync(cancellationToken);
    }

    /// <summary>For a host that is disposed without being stopped: the thread must not outlive it, nor libtorch's end of the process.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Complete();
        await _watch;
    }

    public void Dispose()
    {
        _queue.Complete();
        _watch.Wait();
    }

    private async Task WatchAsync()
    {
        var started = _time.GetTimestamp();
        try
        {
            var model = await Model;
            _metrics.ObserveDevice(model.Device);
            if (SlowBlas.Warning is { } warning) LogSlow(_logger, warning);
            LogReady(_logger, model.Id, Loaded is [var worn, ..] ? worn.Id : Wearing.None.Id, model.Device, model.EmbeddingLength, model.Revision, _time.GetElapsedTime(started).TotalMilliseconds);
            await _thread.Ended;
        }
        catch (ModelFailureException exception)
        {
            LogEnded(_logger, exception);
            Environment.ExitCode = 1;
            _lifetime.StopApplication();
        }
    }

    [LoggerMessage(1, LogLevel.Information, "{Model} with meta-LoRA {MetaLora} is ready on {Device}: embeddings of {Length} values, revision {Revision}, after {ElapsedMs:0} ms")]
    private static partial void LogReady(ILogger logger, string model, string metaLora, string device, int length, string revision, double elapsedMs);

    [LoggerMessage(3, LogLevel.Warning, "{Warning}")]
    private static partial void LogSlow(ILogger logger, string warning);

    [LoggerMessage(2, LogLevel.Critical, "There is no model to serve; the server stops")]
    private static partial void LogEnded(ILogger logger, Exception exception);
}
