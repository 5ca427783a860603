namespace LoraRecycle.Core.Method.Inversion;

/// <summary>A LoRA that cannot be inverted, or a pool that cannot be read. The message names it, what was expected and what came.</summary>
public sealed class InversionException : Exception
{
    public InversionException(string message)
        : base(message)
    {
    }

    public InversionException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
