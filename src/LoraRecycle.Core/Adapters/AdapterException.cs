namespace LoraRecycle.Core.Adapters;

/// <summary>
/// An adapter that cannot be used: unreadable, damaged, of an unknown family, or made for another model. The message
/// names the file and the tensor or setting at fault.
/// </summary>
public sealed class AdapterException : Exception
{
    public AdapterException(string message)
        : base(message)
    {
    }

    public AdapterException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
