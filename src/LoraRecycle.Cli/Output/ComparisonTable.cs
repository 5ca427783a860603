using System.Globalization;
using LoraRecycle.Core.Evaluation.Methods;
using LoraRecycle.Core.Evaluation.Methods.Harness;
using Spectre.Console;

namespace LoraRecycle.Cli.Output;

/// <summary>A comparison for people: on a terminal, and as Markdown to paste into a document.</summary>
internal static class ComparisonTable
{
    public static string Heading(ComparisonReport report) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{report.DataSet}: {report.Classes} classes ({report.Part}), {report.Images:N0} images; {report.Model}{Loras(report)}; "
                + $"seed {report.Seed}"
        );

    public static Table Of(ComparisonReport report)
    {
        var table = Tables.New(Columns(report));
        foreach (var method in report.Methods) table.Row(Cells(report, method));
        return table;
    }

    public static void WriteMarkdown(TextWriter output, ComparisonReport report)
    {
        var columns = Columns(report);
        output.WriteLine($"| {string.Join(" | ", columns)} |");
        output.WriteLine($"|{string.Concat(columns.Select(_ => "---|"))}");
        foreach (var method in report.Methods)
            output.WriteLine(
                $"| {string.Join(" | ", Cells(report, method).Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal)))} |"
            );
        output.WriteLine();
        output.WriteLine(
            $"{Heading(report)}; {report.Queries} queries per class; {report.Precision} on {report.Device}, {report.Libtorch}."
        );
        output.WriteLine(
            "Accuracies in %, with 95 % intervals; \"over NN\" is the paired difference on the same episodes. Seconds per task are the "
                + "time of all episodes over their number;"
        );
        output.WriteLine("methods without tuning on a task embed each image once for all episodes.");
        if (report.SeenClasses.Count > 0)
            output.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"**Some LoRAs of the market were tuned on {report.SeenClasses.Count} of these classes**: "
                        + $"{string.Join(", ", report.SeenClasses)}."
                )
            );
        foreach (var method in report.Methods.Where(method => method.Settings.Count > 0))
            output.WriteLine($"- {method.Title}: {string.Join(", ", method.Settings.Select(setting => $"{setting.Key} {setting.Value}"))}");
    }

    private static string Loras(ComparisonReport report) =>
        report.Market is null ? "" : string.Create(CultureInfo.InvariantCulture, $"; {report.Loras.Count} LoRAs from {report.Market}");

    private static (int Ways, int Shots)[] Shapes(ComparisonReport report) =>
        [.. report.Methods.SelectMany(method => method.Results).Select(result => (result.Ways, result.Shots)).Distinct()];

    private static string[] Columns(ComparisonReport report) =>
        ["method", "uses", .. Shapes(report).SelectMany(shape => new[] { $"{shape.Ways}w{shape.Shots}s", "over NN", "s/task" })];

    private static string[] Cells(ComparisonReport report, MethodResult method)
    {
        var most = report.Methods.SelectMany(row => row.Results).Select(result => result.Episodes).DefaultIfEmpty().Max();
        return [method.Title, Uses(method.Uses), .. Shapes(report).SelectMany(shape => Cells(method, shape, most))];
    }

    private static string[] Cells(MethodResult method, (int Ways, int Shots) shape, int most)
    {
        if (method.Results.FirstOrDefault(result => (result.Ways, result.Shots) == shape) is not { } result)
            return ["failed", "", ""];
        var episodes = result.Episodes == most ? "" : string.Create(CultureInfo.InvariantCulture, $" ({result.Episodes} episodes)");
        return
        [
            $"{Tables.Percent(result.Accuracy)} ± {Tables.Percent(result.Interval95)}{episodes}",
            result is { OverNearestPrototype: { } over, OverNearestPrototypeInterval95: { } interval }
            && method.Name != MethodCatalog.NearestPrototypeName
                ? $"{(over < 0 ? "" : "+")}{Tables.Percent(over)} ± {Tables.Percent(interval)}"
                : "",
            result.SecondsPerTask.ToString("0.0000", CultureInfo.InvariantCulture),
        ];
    }

    private static string Uses(DataUse uses) => uses == DataUse.None
        ? "nothing"
        : string.Join(" + ", new[] { (DataUse.Market, "LoRAs"), (DataUse.SupportTuning, "tuning"), (DataUse.RealData, "real data") }
            .Where(entry => uses.HasFlag(entry.Item1)).Select(entry => entry.Item2));
}
