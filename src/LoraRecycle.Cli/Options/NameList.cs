namespace LoraRecycle.Cli.Options;

/// <summary>Options such as <c>--classes cup,chair</c>.</summary>
internal static class NameList
{
    public static IReadOnlyList<string> Parse(string text) =>
        text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
