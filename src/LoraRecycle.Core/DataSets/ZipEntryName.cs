namespace LoraRecycle.Core.DataSets;

/// <summary>What an archive entry's name may be. Names come from whoever made the archive, so they are judged before they are
/// used.</summary>
internal static class ZipEntryName
{
    /// <summary>True for a file that somebody put there; false for folders, what is hidden, and resource forks.</summary>
    /// <exception cref="DataSetException">The name could point outside the archive.</exception>
    public static bool IsShown(string name)
    {
        var parts = name.Split('/');
        if (IsUnsafe(name, parts))
            throw new DataSetException(
                $"Archive entry '{Printable(name)}' has an unsafe name; expected relative names such as cup/photo.jpg without '..', "
                    + "'\\' or control characters."
            );
        return parts[^1].Length > 0 && !DataSetFiles.IsHidden(parts[^1]) && !DataSetFiles.IsHidden(parts[0]);
    }

    public static DataSetException Nested(string name, int folders) =>
        new($"Archive entry '{name}' is nested {folders} folders deep; expected class/file. Pack the class folders themselves, not their "
            + "parent.");

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
