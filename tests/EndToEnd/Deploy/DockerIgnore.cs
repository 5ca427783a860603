using System.Text.RegularExpressions;
using LoraRecycle.Tests;

namespace LoraRecycle.EndToEnd.Deploy;

/// <summary>What .dockerignore keeps out of a build.</summary>
internal static class DockerIgnore
{
    private static readonly Regex[] Patterns =
    [
        .. File.ReadLines(Repository.PathOf(".dockerignore"))
            .Where(line => line.Length > 0 && !line.StartsWith('#'))
            .Select(Regex.Escape)
            .Select(line => line.Replace(@"\*\*/", "(.*/)?", StringComparison.Ordinal).Replace(@"\*", "[^/]*", StringComparison.Ordinal))
            .Select(pattern => new Regex($"^{pattern}(/.*)?$")),
    ];

    /// <param name="path">Relative to the checkout's root, with slashes.</param>
    public static bool Excludes(string path) => Patterns.Any(pattern => pattern.IsMatch(path));
}
