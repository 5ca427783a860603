using System.Text.RegularExpressions;

namespace LoraRecycle.EndToEnd.Deploy;

/// <summary>A series that a query reads: the metric, and what it asks of its labels.</summary>
internal sealed record Selector(string Metric, IReadOnlyList<(string Label, string Operator, string Value)> Matchers);

/// <summary>What a query of Prometheus reads. Not all of the language; a query that it cannot read fails the test.</summary>
internal static partial class PromQl
{
    private static readonly string[] Words = ["and", "or", "unless", "offset", "bool", "inf", "nan"];

    /// <summary>The series that are read, and the labels that are grouped or matched by.</summary>
    public static (IReadOnlyList<Selector> Selectors, IReadOnlyList<string> Grouping) Read(string query)
    {
        Assert.Equal(query.Count(c => c == '('), query.Count(c => c == ')'));
        var grouping = new List<string>();
        var rest = Grouping().Replace(query, match =>
        {
            grouping.AddRange(match.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
            return " ";
        });
        rest = Range().Replace(rest, " ");
        var selectors = new List<Selector>();
        rest = Braces()
            .Replace(
                rest,
                match =>
                {
                    var matchers = Matcher().Matches(match.Groups[2].Value);
                    Assert.Equal("", Matcher().Replace(match.Groups[2].Value, "").Trim(' ', ','));
                    selectors.Add(
                        new Selector(
                            match.Groups[1].Value,
                            [.. matchers.Select(m => (m.Groups[1].Value, m.Groups[2].Value, m.Groups[3].Value))]
                        )
                    );
                    return " ";
                }
            );
        Assert.DoesNotContain(rest, c => c is '{' or '}' or '[' or ']' or '"');
        selectors.AddRange(
            Bare().Matches(rest).Select(match => match.Value).Where(name => !Words.Contains(name)).Select(name => new Selector(name, []))
        );
        return (selectors, grouping);
    }

    [GeneratedRegex(@"\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)")]
    private static partial Regex Grouping();

    [GeneratedRegex(@"\[(?:\d+[smhdw]|\$__rate_interval)\]")]
    private static partial Regex Range();

    [GeneratedRegex(@"([a-zA-Z_:][a-zA-Z0-9_:]*)\s*\{([^}]*)\}")]
    private static partial Regex Braces();

    [GeneratedRegex("""([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*"([^"]*)",?""")]
    private static partial Regex Matcher();

    [GeneratedRegex(@"(?<![\w.$])[a-zA-Z_:][a-zA-Z0-9_:]*\b(?!\s*\()")]
    private static partial Regex Bare();
}
