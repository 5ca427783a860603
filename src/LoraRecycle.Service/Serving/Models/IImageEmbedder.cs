namespace LoraRecycle.Service.Serving.Models;

/// <summary>Encoded images into embeddings.</summary>
public interface IImageEmbedder
{
    /// <summary>
    /// The bare model behind it; completes when the model and the active meta-LoRA are loaded and warm on every device that
    /// can load them, fails when none can.
    /// </summary>
    Task<ModelDescription> Model { get; }

    /// <summary>The meta-LoRAs that are merged and in memory on every device that serves, the most recently used first.</summary>
    IReadOnlyList<Wearing> Loaded { get; }

    /// <summary>Embeds every image with one wearing, or none.</summary>
    /// <exception cref="UnusableImageException">An image cannot be decoded; the first one at fault is named.</exception>
    /// <exception cref="QueueFullException">The model has more waiting than it may have.</exception>
    /// <exception cref="ModelFailureException">The model could not be loaded, or failed on an image.</exception>
    /// <exception cref="DeviceExhaustedException">A device has not enough memory left for a single image.</exception>
    /// <exception cref="WearingException">The meta-LoRA could not be merged into the model.</exception>
    Task<EmbeddedImages> EmbedAsync(IReadOnlyList<ReadOnlyMemory<byte>> encodedImages, Wearing wearing, CancellationToken cancellation);

    /// <summary>Loads what requests will soon ask for, and proves it by a forward pass on every device that serves.</summary>
    /// <inheritdoc cref="EmbedAsync" path="/exception"/>
    Task PrepareAsync(Wearing wearing, CancellationToken cancellation);
}

/// <summary>The embeddings of a request's images, and what they cost.</summary>
/// <param name="Embeddings"><c>[images][embedding]</c>, in the order of the images.</param>
/// <param name="DecodeTime">From the start until the last image was decoded.</param>
/// <param name="EmbedTime">From then until the last embedding was there; images that were decoded early are embedded meanwhile.</param>
/// <param name="CacheHits">Images that needed no decoding and no forward pass of their own.</param>
public sealed record EmbeddedImages(IReadOnlyList<float[]> Embeddings, TimeSpan DecodeTime, TimeSpan EmbedTime, int CacheHits)
{
    public int CacheMisses => Embeddings.Count - CacheHits;
}
