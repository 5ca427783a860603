using System.Diagnostics.Metrics;
using LoraRecycle.Service.Platform.Observability.Metrics;
using LoraRecycle.Service.Serving.Models;
using Microsoft.Extensions.Caching.Memory;

namespace LoraRecycle.Service.Serving.Embedding;

/// <summary>Counts what the cache spares.</summary>
internal sealed class MeteredImageEmbedder : IImageEmbedder
{
    private readonly IImageEmbedder _inner;
    private readonly Counter<long> _hits;
    private readonly Counter<long> _misses;

    public MeteredImageEmbedder(IImageEmbedder inner, IMemoryCache cache, IMeterFactory factory)
    {
        _inner = inner;
        var meter = factory.Create(ServiceMeter.Name);
        _hits = meter.CreateCounter<long>(
            "lora_recycle.cache.hits",
            "{image}",
            "Images whose embedding was cached, or that appeared twice in a request."
        );
        _misses = meter.CreateCounter<long>("lora_recycle.cache.misses", "{image}", "Images that were decoded and embedded.");
        meter.CreateObservableGauge(
            "lora_recycle.cache.size",
            () => cache.GetCurrentStatistics()?.CurrentEstimatedSize ?? 0,
            "By",
            "Memory used by cached embeddings."
        );
    }

    public Task<ModelDescription> Model => _inner.Model;

    public IReadOnlyList<Wearing> Loaded => _inner.Loaded;

    public Task PrepareAsync(Wearing wearing, CancellationToken cancellation) => _inner.PrepareAsync(wearing, cancellation);

    public async Task<EmbeddedImages> EmbedAsync(
        IReadOnlyList<ReadOnlyMemory<byte>> encodedImages,
        Wearing wearing,
        CancellationToken cancellation
    )
    {
        var embedded = await _inner.EmbedAsync(encodedImages, wearing, cancellation);
        _hits.Add(embedded.CacheHits);
        _misses.Add(embedded.CacheMisses);
        return embedded;
    }
}
