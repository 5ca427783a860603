using System.ComponentModel.DataAnnotations;

namespace LoraRecycle.Service.Serving.Configuration;

/// <summary>The cache of embeddings by content.</summary>
public sealed class CacheOptions
{
    public const string Section = "Cache";

    /// <summary>Most bytes that cached embeddings take; 0 keeps none.</summary>
    [Range(0, 1L << 40)]
    public long Bytes { get; set; } = 32L << 20;
}
