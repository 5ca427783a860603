using LoraRecycle.Core.Safetensors;

namespace LoraRecycle.Core.Adapters;

/// <summary>
/// An adapter that cannot be used: unreadable, damaged, of an unknown family, or made for another model. The message
/// names the file and the tensor or setting at fault.
/// </summary>
public sealed class AdapterException : Exception
{
    private const int NamesShown = 5;

    public AdapterException(string message)
        : base(message)
    {
    }

    public AdapterException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The first few of many names, for a message.</summary>
    internal static string Shown(IEnumerable<string> names)
    {
        var all = names.ToArray();
        var shown = string.Join(", ", all.Take(NamesShown).Select(SafetensorsException.Quote));
        return all.Length <= NamesShown ? shown : $"{shown} and {all.Length - NamesShown} more";
    }
}
