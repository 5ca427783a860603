using System.Text.RegularExpressions;

namespace LoraRecycle.Core.Hub;

/// <summary>Where Hugging Face's tools keep things, from the environment variables that they share.</summary>
/// <param name="variable">An environment variable by its name; an empty one counts as not set.</param>
internal sealed partial class HubFolders(Func<string, string?> variable)
{
    /// <summary>The cache of repositories.</summary>
    public string Cache => Folder("HF_HUB_CACHE") ?? Folder("HUGGINGFACE_HUB_CACHE") ?? Path.Combine(Home, "hub");

    /// <summary>The file that a login leaves the token in.</summary>
    public string TokenFile => Folder("HF_TOKEN_PATH") ?? Path.Combine(Home, "token");

    private string Home => Folder("HF_HOME") ?? Path.Combine(Folder("XDG_CACHE_HOME") ?? Path.Combine(User, ".cache"), "huggingface");

    private static string User => Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    /// <summary>The value of a variable, empty or not set as null.</summary>
    public string? Value(string name) => variable(name) is { Length: > 0 } value ? value : null;

    /// <summary>A folder as Python's tools read it: <c>~</c> and other variables in it stand for what they say.</summary>
    private string? Folder(string name)
    {
        if (Value(name) is not { } given) return null;
        var expanded = Variables().Replace(given, match => Value(match.Groups["name"].Value) ?? match.Value);
        return expanded == "~" || expanded.StartsWith("~/", StringComparison.Ordinal) ? User + expanded[1..] : expanded;
    }

    [GeneratedRegex(@"\$(?:(?<name>\w+)|\{(?<name>\w+)\})")]
    private static partial Regex Variables();
}
