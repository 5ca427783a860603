using LoraRecycle.Service.Serving.Models;
using Microsoft.Extensions.Caching.Memory;

namespace LoraRecycle.Service.Serving.Embedding;

/// <summary>Embeds only what it has not seen: by content, so the same picture under two names is one, also within a request.</summary>
/// <param name="inner">What embeds the rest.</param>
/// <param name="cache">Bounded by bytes; an entry's size is what the embedding and its key take.</param>
/// <param name="time">For the time that the cache itself takes.</param>
internal sealed class CachedImageEmbedder(IImageEmbedder inner, IMemoryCache cache, TimeProvider time) : IImageEmbedder
{
    /// <summary>The entry, the boxed key, the array's header and the slot in the dictionary, in bytes.</summary>
    private const int EntryOverhead = 256;

    public Task<ModelDescription> Model => inner.Model;

    public IReadOnlyList<Wearing> Loaded => inner.Loaded;

    public Task PrepareAsync(Wearing wearing, CancellationToken cancellation) => inner.PrepareAsync(wearing, cancellation);

    public async Task<EmbeddedImages> EmbedAsync(
        IReadOnlyList<ReadOnlyMemory<byte>> encodedImages,
        Wearing wearing,
        CancellationToken cancellation
    )
    {
        var model = await Model.WaitAsync(cancellation);
        var started = time.GetTimestamp();
        var lookup = Lookup(encodedImages, model.Revision, wearing.Revision);
        if (lookup.Missing.Count == 0)
            return new EmbeddedImages(lookup.Gather([]), time.GetElapsedTime(started), TimeSpan.Zero, encodedImages.Count);

        EmbeddedImages embedded;
        try
        {
            embedded = await inner.EmbedAsync([.. lookup.Missing.Select(index => encodedImages[index])], wearing, cancellation);
        }
        catch (UnusableImageException exception)
        {
            throw new UnusableImageException(lookup.Missing[exception.Index], exception.Cause);
        }
        for (var i = 0; i < lookup.Missing.Count; i++)
            cache.Set(
                lookup.Keys[lookup.Missing[i]], embedded.Embeddings[i],
                new MemoryCacheEntryOptions { Size = sizeof(float) * embedded.Embeddings[i].Length + EntryOverhead });
        return embedded with
        {
            Embeddings = lookup.Gather(embedded.Embeddings),
            CacheHits = encodedImages.Count - lookup.Missing.Count,
        };
    }

    private CacheLookup Lookup(IReadOnlyList<ReadOnlyMemory<byte>> encodedImages, string model, string wearing)
    {
        var lookup = new CacheLookup(encodedImages.Count);
        var firstMissing = new Dictionary<EmbeddingKey, int>();
        for (var i = 0; i < encodedImages.Count; i++)
        {
            var key = lookup.Keys[i] = EmbeddingKey.Of(encodedImages[i].Span, model, wearing);
            if (cache.TryGetValue(key, out float[]? cached))
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
