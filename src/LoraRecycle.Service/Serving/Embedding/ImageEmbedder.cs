using LoraRecycle.Core.Imaging;
using LoraRecycle.Core.Imaging.Decoding;
using LoraRecycle.Service.Serving.Configuration;
using LoraRecycle.Service.Serving.Devices;
using LoraRecycle.Service.Serving.Models;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Serving.Embedding;

/// <summary>
/// Encoded images into embeddings. What the cache does not know is decoded in parallel on the thread pool, waits in a bounded
/// queue, and is embedded by the devices in batches that concurrent requests share.
/// </summary>
internal sealed class ImageEmbedder(
    ServingDevices devices,
    EmbeddingCache cache,
    Lazy<ImageDecoder> decoder,
    IOptions<ServingOptions> options,
    TimeProvider time
)
{
    private readonly DecodedMemory _memory = new(options.Value.DecodedBytes);

    /// <inheritdoc cref="ServingDevices.Model"/>
    public Task<ModelDescription> Model => devices.Model;

    /// <inheritdoc cref="ServingDevices.Loaded"/>
    public IReadOnlyList<ServedAdapter> Loaded => devices.Loaded;

    /// <summary>Images that are admitted and not yet in a forward pass.</summary>
    public int Waiting => devices.Queue.Waiting;

    /// <inheritdoc cref="ServingDevices.PrepareAsync"/>
    public Task PrepareAsync(ServedAdapter adapter, CancellationToken cancellation) => devices.PrepareAsync(adapter, cancellation);

    /// <summary>Embeds every image with one adapter, or none.</summary>
    /// <exception cref="UnusableImageException">An image cannot be decoded; the first one at fault is named.</exception>
    /// <exception cref="QueueFullException">The model has more waiting than it may have.</exception>
    /// <exception cref="ModelFailureException">The model could not be loaded, or failed on an image.</exception>
    /// <exception cref="DeviceExhaustedException">A device has not enough memory left for a single image.</exception>
    /// <exception cref="AdapterMergeException">The meta-LoRA could not be merged into the model.</exception>
    public async Task<EmbeddedImages> EmbedAsync(
        IReadOnlyList<ReadOnlyMemory<byte>> encodedImages,
        ServedAdapter adapter,
        CancellationToken cancellation
    )
    {
        var model = await Model.WaitAsync(cancellation);
        return await cache.EmbedAsync(
            encodedImages, model.Revision, adapter.Revision, missing => RunAsync(missing, adapter, cancellation));
    }

    private async Task<EmbeddedImages> RunAsync(
        IReadOnlyList<ReadOnlyMemory<byte>> encodedImages,
        ServedAdapter adapter,
        CancellationToken cancellation
    )
    {
        var started = time.GetTimestamp();
        using var admission = devices.Queue.Admit(encodedImages.Count, adapter);
        // Ends the images that wait, too, when this request fails on another one.
        using var request = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        try
        {
            var pending = await DecodeAsync(encodedImages, adapter, admission, request);
            var decoded = time.GetTimestamp();
            var embeddings = await Task.WhenAll(pending.Select(image => image.Embedding)).WaitAsync(cancellation);
            return new EmbeddedImages(embeddings, time.GetElapsedTime(started, decoded), time.GetElapsedTime(decoded), CacheHits: 0);
        }
        catch
        {
            await request.CancelAsync();
            throw;
        }
    }

    private async Task<PendingImage[]> DecodeAsync(
        IReadOnlyList<ReadOnlyMemory<byte>> encodedImages,
        ServedAdapter adapter,
        BatchQueue.Admission admission,
        CancellationTokenSource request
    )
    {
        var pending = new PendingImage[encodedImages.Count];
        var faults = new ImageException?[encodedImages.Count];
        try
        {
            await Parallel.ForAsync(0, encodedImages.Count, request.Token, async (index, token) =>
            {
                try
                {
                    pending[index] = await DecodeAsync(encodedImages[index], adapter, token, request.Token);
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

    private async ValueTask<PendingImage> DecodeAsync(
        ReadOnlyMemory<byte> encoded,
        ServedAdapter adapter,
        CancellationToken decoding,
        CancellationToken request
    )
    {
        var header = decoder.Value.ReadHeader(encoded.Span);
        var memory = await _memory.TakeAsync(header.Pixels * DecodedImage.Channels, decoding);
        try
        {
            return new PendingImage(decoder.Value.DecodeUntil(encoded.Span, decoding), adapter, memory, request);
        }
        catch
        {
            memory.Dispose();
            throw;
        }
    }
}
