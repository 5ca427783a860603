using System.Text.RegularExpressions;

namespace LoraRecycle.Core.Foundation.Files;

/// <summary>
/// What a process that was killed leaves behind: <c>NAME.GUID.tmp</c>, which never became whole, and <c>NAME.GUID.old</c>,
/// which was about to be replaced. Swept at the start of the next build, when nobody else writes there.
/// </summary>
internal static partial class Leftovers
{
    public static string Temporary(string path) => $"{path}.{Guid.NewGuid():N}.tmp";

    public static string Replaced(string path) => $"{path}.{Guid.NewGuid():N}.old";

    /// <summary>Deletes what is unfinished, and gives what was to be replaced its name back where nothing took its place.</summary>
    /// <param name="folder">Its direct entries; nothing happens where there is no such folder.</param>
    /// <param name="name">Only of the entry of this name; without it, of all.</param>
    public static void Sweep(string folder, string? name = null)
    {
        if (!Directory.Exists(folder)) return;
        foreach (var path in Directory.EnumerateFileSystemEntries(folder).ToArray())
        {
            if (
                Pattern().Match(Path.GetFileName(path)) is not { Success: true } match
                || (name ?? match.Groups["name"].Value) != match.Groups["name"].Value
            )
                continue;
            var target = Path.Combine(folder, match.Groups["name"].Value);
            if (match.Groups["kind"].Value == "old" && Directory.Exists(path) && !Path.Exists(target)) Directory.Move(path, target);
            else if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
            else File.Delete(path);
        }
    }

    [GeneratedRegex(@"^(?<name>.+)\.[0-9a-f]{32}\.(?<kind>tmp|old)$")]
    private static partial Regex Pattern();
}
