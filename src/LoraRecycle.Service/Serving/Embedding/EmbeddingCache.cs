using System.Diagnostics.Metrics;
using LoraRecycle.Service.Serving.Models;
using Microsoft.Extensions.Caching.Memory;

namespace LoraRecycle.Service.Serving.Embedding;

/// <summary>Embeddings by content, so the same picture under two names is one, also within a request.</summary>
internal sealed class EmbeddingCache
{
    /// <summary>The entry, the boxed key, the array's header and the slot in the dictionary, in bytes.</summary>
    private const int EntryOverhead = 256;

    private readonly IMemoryCache _cache;
    private readonly TimeProvider _time;
    private readonly Counter<long> _hits;
    private readonly Counter<long> _misses;

    /// <param name="cache">Bounded by bytes; an entry's size is what the embedding and its key take.</param>
    /// <param name="meter">Told what the cache spares.</param>
    /// <param name="time">For the time that the cache itself takes.</param>
    public EmbeddingCache(IMemoryCache cache, Meter meter, TimeProvider time)
    {
        (_cache, _time) = (cache, time);
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

    /// <summary>Embeds only what is not known yet.</summary>
    /// <param name="encodedImages">The images.</param>
    /// <param name="model">The revision of the bare model.</param>
    /// <param name="adapter">The revision of the meta-LoRA.</param>
    /// <param name="embed">Embeds the rest, each content once.</param>
    /// <exception cref="UnusableImageException">An image cannot be decoded; the first one at fault is named.</exception>
    public async Task<EmbeddedImages> EmbedAsync(
        IReadOnlyList<ReadOnlyMemory<byte>> encodedImages,
        string model,
        string adapter,
        Func<IReadOnlyList<ReadOnlyMemory<byte>>, Task<EmbeddedImages>> embed
    )
    {
        var started = _time.GetTimestamp();
        var lookup = Lookup(encodedImages, model, adapter);
        var embedded = lookup.Missing.Count == 0
            ? new EmbeddedImages(lookup.Gather([]), _time.GetElapsedTime(started), TimeSpan.Zero, encodedImages.Count)
            : await EmbedAsync(encodedImages, lookup, embed);
        _hits.Add(embedded.CacheHits);
        _misses.Add(embedded.CacheMisses);
        return embedded;
    }

    private async Task<EmbeddedImages> EmbedAsync(
        IReadOnlyList<ReadOnlyMemory<byte>> encodedImages,
        CacheLookup lookup,
        Func<IReadOnlyList<ReadOnlyMemory<byte>>, Task<EmbeddedImages>> embed
    )
    {
        EmbeddedImages embedded;
        try
        {
            embedded = await embed([.. lookup.Missing.Select(index => encodedImages[index])]);
        }
        catch (UnusableImageException exception)
        {
            throw new UnusableImageException(lookup.Missing[exception.Index], exception.Cause);
        }
        for (var i = 0; i < lookup.Missing.Count; i++)
            _cache.Set(
                lookup.Keys[lookup.Missing[i]], embedded.Embeddings[i],
                new MemoryCacheEntryOptions { Size = sizeof(float) * embedded.Embeddings[i].Length + EntryOverhead });
        return embedded with
        {
            Embeddings = lookup.Gather(embedded.Embeddings),
            CacheHits = encodedImages.Count - lookup.Missing.Count,
        };
    }

    private CacheLookup Lookup(IReadOnlyList<ReadOnlyMemory<byte>> encodedImages, string model, string adapter)
    {
        var lookup = new CacheLookup(encodedImages.Count);
        var firstMissing = new Dictionary<EmbeddingKey, int>();
        for (var i = 0; i < encodedImages.Count; i++)
        {
            var key = lookup.Keys[i] = EmbeddingKey.Of(encodedImages[i].Span, model, adapter);
            if (_cache.TryGetValue(key, out float[]? cached))
            {
                lookup.Cached[i] = cached;
                continue;
            }
            if (firstMissing.TryAdd(key, lookup.Missing.Count))
                lookup.Missing.Add(i);
            lookup.Source[i] = firstMissing[key];
        }
        return lookup;
    }

    /// <summary>Where each image's embedding comes from.</summary>
    private sealed class CacheLookup(int images)
    {
        public EmbeddingKey[] Keys { get; } = new EmbeddingKey[images];

        public float[]?[] Cached { get; } = new float[]?[images];

        /// <summary>Which of the missing images has this one's content; meaningless for what is cached.</summary>
        public int[] Source { get; } = new int[images];

        /// <summary>The images to embed, each content once, by their index in the request.</summary>
        public List<int> Missing { get; } = [];

        public float[][] Gather(IReadOnlyList<float[]> embedded) =>
            [.. Cached.Select((cached, i) => cached ?? embedded[Source[i]])];
    }
}
