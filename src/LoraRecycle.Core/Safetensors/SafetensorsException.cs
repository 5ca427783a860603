namespace LoraRecycle.Core.Safetensors;

/// <summary>
/// A safetensors file that cannot be read or does not keep to its format. The message names the file, the tensor at
/// fault where there is one, what was expected and what was found.
/// </summary>
public sealed class SafetensorsException : Exception
{
    public SafetensorsException(string message)
        : base(message)
    {
    }

    public SafetensorsException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>A name from a file, fit for a message: names are the sender's text and may be long or hold control characters.</summary>
    internal static string Quote(string name)
    {
        const int longest = 240;
        var shown = name.Length <= longest ? name : $"{name[..longest]}...";
        return $"'{string.Concat(shown.Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c))}'";
    }
}
