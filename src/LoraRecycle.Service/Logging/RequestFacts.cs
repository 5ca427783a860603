namespace LoraRecycle.Service.Logging;

/// <summary>What an endpoint adds to its request's line in the log.</summary>
internal sealed class RequestFacts
{
    public int Images { get; set; }

    public int CacheHits { get; set; }
}
