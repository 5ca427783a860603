namespace LoraRecycle.Core.Hub.Protocol;

/// <summary>Names that come from a hub, and become those of files here: each must stay in its folder.</summary>
internal static class SafeName
{
    private const int MostLetters = 200;

    /// <summary>Whether a text is a plain name, and no path: ASCII letters, digits and marks that mean nothing to file systems.</summary>
    public static bool Is(string? name) =>
        name is { Length: > 0 and <= MostLetters }
        && name[0] != '.'
        && name[^1] != '.'
        && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_' or '+');
}
