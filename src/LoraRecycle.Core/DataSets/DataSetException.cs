namespace LoraRecycle.Core.DataSets;

/// <summary>A data set, a split of it or an episode's shape that cannot be used; the message says why and what to do.</summary>
public sealed class DataSetException : Exception
{
    public DataSetException(string message) : base(message) { }

    public DataSetException(string message, Exception inner) : base(message, inner) { }
}
