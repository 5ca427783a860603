namespace LoraRecycle.Core.Markets;

/// <summary>A market that cannot be read, is empty, or holds something else under a name that is asked for.</summary>
public sealed class MarketException : Exception
{
    public MarketException(string message) : base(message)
    {
    }

    public MarketException(string message, Exception inner) : base(message, inner)
    {
    }
}
