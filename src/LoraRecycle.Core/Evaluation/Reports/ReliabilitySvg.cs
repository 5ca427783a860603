using System.Globalization;
using System.Net;
using System.Text;
using LoraRecycle.Core.Evaluation.Calibration;

namespace LoraRecycle.Core.Evaluation.Reports;

/// <summary>Reliability diagrams as one SVG picture: a panel for each shape, before and after calibration in each.</summary>
public static class ReliabilitySvg
{
    private const int Side = 220;
    private const int Gap = 60;
    private const int Top = 64;
    private const string Before = "#c2410c";
    private const string After = "#0f766e";

    /// <summary>Draws a report. A circle's area is a bin's share of the answers; on the diagonal probabilities are as good as their
    /// word.</summary>
    public static string Of(EvaluationReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var (width, height) = ((report.Results.Count * (Side + Gap)) + Gap, Top + Side + 56);
        var svg = new StringBuilder();
        svg.Append(Invariant($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" "));
        svg.AppendLine(Invariant($"width=\"{width}\" height=\"{height}\" font-family=\"sans-serif\" font-size=\"12\">"));
        svg.AppendLine(Invariant($"<rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>"));
        var model = report.Adapter is null
            ? report.Model
            : $"{report.Model} + {Path.GetFileName(Path.TrimEndingDirectorySeparator(report.Adapter))}";
        var title = WebUtility.HtmlEncode($"{report.DataSet} ({report.Part}), {model}");
        svg.AppendLine(Invariant($"<text x=\"{Gap}\" y=\"22\" font-size=\"14\" font-weight=\"bold\">{title}</text>"));
        foreach (var (place, result) in report.Results.Index())
            Panel(svg, Gap + (place * (Side + Gap)), result);
        svg.AppendLine("</svg>");
        return svg.ToString();
    }

    private static void Panel(StringBuilder svg, int left, EvaluationResult result)
    {
        svg.AppendLine(Invariant($"<text x=\"{left}\" y=\"{Top - 22}\">{result.Ways}-way {result.Shots}-shot</text>"));
        var (before, after) = (result.Uncalibrated.ExpectedCalibrationError, result.Calibrated.ExpectedCalibrationError);
        svg.Append(Invariant($"<text x=\"{left}\" y=\"{Top - 7}\">ECE <tspan fill=\"{Before}\">{before:0.000} before</tspan>, "));
        svg.AppendLine(Invariant($"<tspan fill=\"{After}\">{after:0.000} after</tspan></text>"));
        svg.AppendLine(Invariant($"<rect x=\"{left}\" y=\"{Top}\" width=\"{Side}\" height=\"{Side}\" fill=\"none\" stroke=\"#9ca3af\"/>"));
        svg.AppendLine(
            Invariant(
                $"<line x1=\"{left}\" y1=\"{Top + Side}\" x2=\"{left + Side}\" y2=\"{Top}\" stroke=\"#9ca3af\" stroke-dasharray=\"4 3\"/>"
            )
        );
        foreach (var tick in new[] { 0, 0.5, 1 })
        {
            svg.AppendLine(Invariant($"<text x=\"{left + (tick * Side):0}\" y=\"{Top + Side + 16}\" text-anchor=\"middle\">{tick}</text>"));
            svg.AppendLine(Invariant($"<text x=\"{left - 6}\" y=\"{Top + Side - (tick * Side) + 4:0}\" text-anchor=\"end\">{tick}</text>"));
        }
        svg.AppendLine(
            Invariant($"<text x=\"{left + (Side / 2)}\" y=\"{Top + Side + 36}\" text-anchor=\"middle\">predicted probability</text>")
        );
        svg.AppendLine(
            Invariant($"<text transform=\"translate({left - 28} {Top + (Side / 2)}) rotate(-90)\" text-anchor=\"middle\">accuracy</text>")
        );
        Curve(svg, left, result.Uncalibrated, Before);
        Curve(svg, left, result.Calibrated, After);
    }

    private static void Curve(StringBuilder svg, int left, Reliability reliability, string color)
    {
        var answers = reliability.Bins.Sum(bin => (double)bin.Answers);
        var points = reliability
            .Bins.Select(bin => (X: left + (bin.Confidence * Side), Y: Top + Side - (bin.Accuracy * Side), bin.Answers))
            .ToArray();
        var corners = string.Join(' ', points.Select(point => Invariant($"{point.X:0.0},{point.Y:0.0}")));
        svg.AppendLine($"<polyline fill=\"none\" stroke=\"{color}\" stroke-width=\"1.5\" points=\"{corners}\"/>");
        foreach (var (x, y, count) in points)
        {
            var radius = 1.5 + (10 * Math.Sqrt(count / answers));
            svg.AppendLine(Invariant($"<circle cx=\"{x:0.0}\" cy=\"{y:0.0}\" r=\"{radius:0.0}\" fill=\"{color}\" fill-opacity=\"0.45\"/>"));
        }
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
