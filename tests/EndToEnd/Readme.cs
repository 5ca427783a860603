using LoraRecycle.Tests;

namespace LoraRecycle.EndToEnd;

/// <summary>What README.md tells a newcomer to type.</summary>
internal static class Readme
{
    /// <summary>The first command of a code block that starts with <c>curl</c>, with its continued lines.</summary>
    public static string CurlCommand()
    {
        var lines = File.ReadLines(Repository.PathOf("README.md"))
            .SkipWhile(line => !line.StartsWith("curl ", StringComparison.Ordinal))
            .ToArray();
        Assert.NotEmpty(lines);
        var last = Array.FindIndex(lines, line => !line.EndsWith('\\'));
        return string.Join('\n', lines[..(last + 1)]);
    }
}
