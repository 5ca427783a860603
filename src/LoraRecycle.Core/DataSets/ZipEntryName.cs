namespace LoraRecycle.Core.DataSets;

/// <summary>What an archive entry's name may be. Names come from whoever made the archive, so they are judged before they are
/// used.</summary>
internal static class ZipEntryName
{
    /// <summary>True for <c>class/file</c> that is an image; false for what a data set passes over (folders, notes, resource
    /// forks).</summary>
    /// <exception cref="DataSetException">The name could point outside the archive, or is nested where a class folder is
    /// expected.</exception>
    public static bool IsImageOfClass(string name, Func<string, bool> isImage)
    {
        var parts = name.Split('/');
        if (IsUnsafe(name, parts))
            throw new DataSetException(
                $"Archive entry '{Printable(name)}' has an unsafe name; expected relative names such as cup/photo.jpg without '..', "
                    + "'\\' or control characters."
            );
        if (parts[^1].Length == 0 || parts.Length == 1 || parts[0] == "__MACOSX" || parts[0].StartsWith('.') || !isImage(parts[^1]))
            return false;
        if (parts.Length > 2)
            throw new DataSetException(
                $"Archive entry '{name}' is nested {parts.Length - 1} folders deep; expected class/file. Pack the class folders "
                    + "themselves, not their parent."
            );
        return true;
    }

    private static bool IsUnsafe(string name, string[] parts) =>
        name.Length == 0
        || name.Contains('\\', StringComparison.Ordinal)
        || name.Contains(':', StringComparison.Ordinal)
        || name.Any(char.IsControl)
        || parts.Any(part => part is "." or "..")
        || parts[..^1].Any(part => part.Length == 0);

    private static string Printable(string name) =>
        new([.. name.Take(120).Select(c => char.IsControl(c) ? '?' : c)]);
}
