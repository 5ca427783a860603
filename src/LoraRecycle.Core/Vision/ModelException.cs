namespace LoraRecycle.Core.Vision;

/// <summary>A model directory that cannot be served: a missing file, an unknown family, a tensor that is absent or of the wrong
/// shape.</summary>
public sealed class ModelException : Exception
{
    public ModelException(string message) : base(message)
    {
    }

    public ModelException(string message, Exception inner) : base(message, inner)
    {
    }
}
