using System.Diagnostics.Metrics;
using LoraRecycle.Service.Serving.Embedding;
using LoraRecycle.Service.Serving.Models;
using Microsoft.Extensions.Caching.Memory;

namespace LoraRecycle.Service.Tests.Serving;

public sealed class EmbeddingCacheTests : IDisposable
{
    private readonly Meter _meter = new("embeddings of a test");

    /// <summary>What was embedded, each image as its first byte.</summary>
    private readonly List<byte> _embedded = [];

    public void Dispose() => _meter.Dispose();

    private EmbeddingCache Of(MemoryCache cache) => new(cache, _meter, TimeProvider.System);

    private Task<EmbeddedImages> EmbedAsync(EmbeddingCache cache, params byte[] images) =>
        EmbedAsync(cache, "r1", ServedAdapter.None, images);

    private Task<EmbeddedImages> EmbedAsync(EmbeddingCache cache, string model, ServedAdapter adapter, params byte[] images) =>
        cache.EmbedAsync(
            [.. images.Select(image => (ReadOnlyMemory<byte>)new[] { image, (byte)7 })],
            model,
            adapter.Revision,
            missing =>
            {
                _embedded.AddRange(missing.Select(image => image.Span[0]));
                return Task.FromResult(
                    new EmbeddedImages([.. missing.Select(image => new float[] { image.Span[0] })], TimeSpan.Zero, TimeSpan.Zero, 0)
                );
            }
        );

    private static MemoryCache Cache(long bytes = 1 << 20) => new(new MemoryCacheOptions { SizeLimit = bytes });

    [Fact]
    public async Task Each_content_is_embedded_once_and_the_order_of_the_images_is_kept()
    {
        using var cache = Cache();
        var cached = Of(cache);
        var first = await EmbedAsync(cached, 3, 1, 3, 2, 1);
        var second = await EmbedAsync(cached, 2, 4, 3, 4);

        Assert.Equal([3, 1, 3, 2, 1], first.Embeddings.Select(e => (int)e[0]));
        Assert.Equal([2, 4, 3, 4], second.Embeddings.Select(e => (int)e[0]));
        Assert.Equal([3, 1, 2, 4], _embedded.Select(b => (int)b));
        Assert.Equal((2, 3), (first.CacheHits, first.CacheMisses));
        Assert.Equal((3, 1), (second.CacheHits, second.CacheMisses));
    }

    [Fact]
    public async Task Another_revision_of_the_model_never_gets_the_embeddings_of_this_one()
    {
        using var cache = Cache();
        await EmbedAsync(Of(cache), "r1", ServedAdapter.None, 1);
        var other = await EmbedAsync(Of(cache), "r2", ServedAdapter.None, 1);

        Assert.Equal(0, other.CacheHits);
    }

    [Fact]
    public async Task What_is_merged_into_the_model_decides_what_is_cached_for_it_by_content_and_not_by_name()
    {
        using var cache = Cache();
        var embedder = Of(cache);
        await EmbedAsync(embedder, "r1", ServedAdapter.None, 1);
        var adapted = await EmbedAsync(embedder, "r1", new ServedAdapter("a", "r1", "a"), 1);
        var renamed = await EmbedAsync(embedder, "r1", new ServedAdapter("b", "r1", "b"), 1);
        var retrained = await EmbedAsync(embedder, "r1", new ServedAdapter("a", "r2", "a"), 1);

        Assert.Equal((0, 1, 0), (adapted.CacheHits, renamed.CacheHits, retrained.CacheHits));
    }

    [Fact]
    public async Task The_cache_never_takes_more_bytes_than_it_may()
    {
        const int entry = 4 + 256;
        using var cache = new MemoryCache(new MemoryCacheOptions { SizeLimit = 10 * entry, TrackStatistics = true });
        var cached = Of(cache);
        for (byte image = 0; image < 200; image++)
        {
            Assert.Equal(image, (await EmbedAsync(cached, image)).Embeddings[0][0]);
            Assert.True(cache.GetCurrentStatistics()!.CurrentEstimatedSize <= 10 * entry);
        }
        Assert.InRange(cache.Count, 1, 10);
    }
}
