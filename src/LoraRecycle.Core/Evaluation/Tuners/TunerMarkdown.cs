using System.Globalization;
using System.Text;

namespace LoraRecycle.Core.Evaluation.Tuners;

/// <summary>A comparison of tuners as a table in Markdown.</summary>
public static class TunerMarkdown
{
    /// <summary>Writes a report.</summary>
    public static string Of(TunerReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var steps = report.Rows.SelectMany(row => row.Losses.Keys).Distinct().Order().ToArray();
        var text = new StringBuilder();
        var episodes = report.Episodes == 0 ? "" : FormattableString.Invariant($", {report.Episodes} episodes");
        var shots = report.Shots is { } few ? $"{few} images of each" : "all images that are not held out";
        text.AppendLine(CultureInfo.InvariantCulture,
            $"{report.DataSet}, {report.Model}, {report.Tasks} tasks of {report.Ways} classes{episodes}, {shots}, {report.Steps} steps, "
                + $"objective {report.Objective}, seed {report.Seed}, on {report.Device}.");
        text.AppendLine();
        text.Append("| method | rate |");
        foreach (var step in steps) text.Append(CultureInfo.InvariantCulture, $" loss at {step} |");
        text.AppendLine(" held out | over LoRA | forgotten | over LoRA | episodes | over LoRA | intruders | numbers | s a task |");
        text.Append("|---|---|");
        text.AppendLine(string.Concat(Enumerable.Repeat("---|", steps.Length + 9)));
        foreach (var row in report.Rows)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {row.Title} ({row.Paper}) | {row.LearningRate:0.####} |");
            foreach (var step in steps)
                text.Append(row.Losses.TryGetValue(step, out var loss) ? FormattableString.Invariant($" {loss:0.0000} |") : " |");
            text.AppendLine(row.Failure is { } failure
                ? $" {failure} |||||||||"
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $" {Points(row.HeldOut)} | {Points(row.OverLora)} | {Points(row.Forgotten)} | {Points(row.ForgottenOverLora)} "
                        + $"| {Points(row.Episodes)} | {Points(row.EpisodesOverLora)} "
                        + $"| {row.Intruders:0.0} | {row.Numbers:0} | {row.SecondsPerTask:0.0} |"));
        }
        return text.ToString();
    }

    /// <summary>In per cent, with half the width of the 95 % interval where there is one.</summary>
    public static string Points(MeanOfTasks? mean) =>
        mean switch
        {
            null => "-",
            { Interval95: { } interval } => string.Create(CultureInfo.InvariantCulture, $"{100 * mean.Mean:0.00} ± {100 * interval:0.00}"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{100 * mean.Mean:0.00}"),
        };
}
