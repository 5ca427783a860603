using System.Globalization;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace LoraRecycle.Service.Platform.Observability.Metrics;

/// <summary>
/// Metrics that OpenTelemetry has aggregated, as Prometheus reads them: names with their unit, counters that end in
/// <c>_total</c>, histograms with cumulative buckets.
/// </summary>
[ExportModes(ExportModes.Pull)]
internal sealed class PrometheusExporter : BaseExporter<Metric>, IPullMetricExporter
{
    private readonly Lock _gate = new();
    private string _text = "";

    public Func<int, bool>? Collect { get; set; }

    /// <summary>What the instruments say now.</summary>
    public string Scrape()
    {
        lock (_gate)
        {
            if (Collect?.Invoke(Timeout.Infinite) != true)
                throw new InvalidOperationException("The metrics could not be collected.");
            return _text;
        }
    }

    public override ExportResult Export(in Batch<Metric> batch)
    {
        var metrics = new List<Metric>();
        foreach (var metric in batch)
            metrics.Add(metric);
        var text = new PrometheusText();
        // Meters may have instruments of one name; a family must stay together, and be of one type.
        foreach (var family in metrics.GroupBy(NameOf).OrderBy(family => family.Key, StringComparer.Ordinal))
        {
            var type = TypeOf(family.First());
            text.Family(family.Key, type, family.First().Description);
            var seen = new HashSet<string>(StringComparer.Ordinal);
            foreach (var metric in family.Where(metric => TypeOf(metric) == type))
                foreach (ref readonly var point in metric.GetMetricPoints())
                    if (Labels(point.Tags) is var labels && seen.Add(string.Join('\n', labels)))
                        Write(text, family.Key, metric.MetricType, labels, point);
        }
        _text = text.ToString();
        return ExportResult.Success;
    }

    private static void Write(
        PrometheusText text,
        string name,
        MetricType type,
        IReadOnlyList<KeyValuePair<string, string>> labels,
        in MetricPoint point
    )
    {
        if (!type.IsHistogram())
        {
            text.Sample(name, labels, type switch
            {
                _ when type.IsGauge() => type.IsDouble() ? point.GetGaugeLastValueDouble() : point.GetGaugeLastValueLong(),
                _ => type.IsDouble() ? point.GetSumDouble() : point.GetSumLong(),
            });
            return;
        }
        var below = 0L;
        foreach (var bucket in point.GetHistogramBuckets())
            text.Sample($"{name}_bucket", [.. labels, new("le", PrometheusText.Number(bucket.ExplicitBound))], below += bucket.BucketCount);
        text.Sample($"{name}_sum", labels, point.GetHistogramSum());
        text.Sample($"{name}_count", labels, point.GetHistogramCount());
    }

    private static List<KeyValuePair<string, string>> Labels(ReadOnlyTagCollection tags)
    {
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in tags)
        {
            var text = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
            // Names that differ only in what a label may not hold are one label.
            labels[PrometheusText.Name(key)] = labels.TryGetValue(PrometheusText.Name(key), out var other) ? $"{other};{text}" : text;
        }
        return [.. labels];
    }

    private static string TypeOf(Metric metric) =>
        metric.MetricType.IsHistogram() ? "histogram"
        : metric.MetricType is MetricType.LongSum or MetricType.DoubleSum ? "counter"
        : "gauge";

    private static string NameOf(Metric metric)
    {
        var name = PrometheusText.Name(metric.Name);
        var unit = metric.Unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" };
        if (!name.EndsWith(unit, StringComparison.Ordinal))
            name += unit;
        return TypeOf(metric) == "counter" && !name.EndsWith("_total", StringComparison.Ordinal) ? name + "_total" : name;
    }
}
