namespace LoraRecycle.Service.Serving.Models;

/// <summary>The embeddings of a request's images, and what they cost.</summary>
/// <param name="Embeddings"><c>[images][embedding]</c>, in the order of the images.</param>
/// <param name="DecodeTime">From the start until the last image was decoded.</param>
/// <param name="EmbedTime">From then until the last embedding was there; images that were decoded early are embedded meanwhile.</param>
/// <param name="CacheHits">Images that needed no decoding and no forward pass of their own.</param>
public sealed record EmbeddedImages(IReadOnlyList<float[]> Embeddings, TimeSpan DecodeTime, TimeSpan EmbedTime, int CacheHits)
{
    public int CacheMisses => Embeddings.Count - CacheHits;
}
