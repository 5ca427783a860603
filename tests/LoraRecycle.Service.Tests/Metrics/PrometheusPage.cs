using System.Globalization;
using System.Text.RegularExpressions;

namespace LoraRecycle.Service.Tests.Metrics;

/// <summary>The text format of Prometheus, read by its rules; what breaks one fails the test.</summary>
internal sealed partial class PrometheusPage
{
    public Dictionary<string, string> Types { get; } = [];

    public Dictionary<string, double> Samples { get; } = [];

    public static PrometheusPage Parse(string text)
    {
        var page = new PrometheusPage();
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        var family = "";
        foreach (var line in text[..^1].Split('\n'))
        {
            if (line.StartsWith("# HELP ", StringComparison.Ordinal))
                continue;
            if (TypeLine().Match(line) is { Success: true } type)
            {
                family = type.Groups[1].Value;
                Assert.True(page.Types.TryAdd(family, type.Groups[2].Value), $"{family} comes twice.");
                continue;
            }
            var sample = SampleLine().Match(line);
            Assert.True(sample.Success, $"This is no sample: {line}");
            var name = sample.Groups[1].Value;
            Assert.True(
                page.Types[family] == "histogram" ? HistogramParts().Replace(name, "") == family : name == family,
                $"{name} is not of the family {family}."
            );
            Assert.True(page.Samples.TryAdd(name + sample.Groups[2].Value, Number(sample.Groups[4].Value)), $"{line} comes twice.");
        }
        return page;
    }

    /// <summary>The sum of all samples of a name whose labels hold all of these.</summary>
    public double Sum(string name, params string[] labels) => Samples
        .Where(sample => sample.Key.Split('{')[0] == name && labels.All(label => sample.Key.Contains(label, StringComparison.Ordinal)))
        .Sum(sample => sample.Value);

    private static double Number(string text) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        _ => double.Parse(text, CultureInfo.InvariantCulture),
    };

    [GeneratedRegex(@"^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram)$")]
    private static partial Regex TypeLine();

    [GeneratedRegex("""^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{([a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*",?)+\})? ([^ ]+)$""")]
    private static partial Regex SampleLine();

    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex HistogramParts();
}
