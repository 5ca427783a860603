using System.Globalization;
using System.Net;
using System.Text;

namespace LoraRecycle.Core.Evaluation.Tuners;

/// <summary>The mean loss of every method over the steps, as one SVG picture. The loss is on a logarithmic axis.</summary>
public static class TunerSvg
{
    private const int Width = 900, Height = 460, Left = 64, Top = 40, Plot = 560, Tall = 360;
    private const double Least = 1e-4;

    /// <summary>Draws a report.</summary>
    public static string Of(TunerReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        TunerRow[] rows = [.. report.Rows.Where(row => row.Curve.Count > 1)];
        var svg = new StringBuilder();
        svg.Append(Invariant($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" width=\"{Width}\" "));
        svg.AppendLine(Invariant($"height=\"{Height}\" font-family=\"sans-serif\" font-size=\"12\">"));
        svg.AppendLine(Invariant($"<rect width=\"{Width}\" height=\"{Height}\" fill=\"#fff\"/>"));
        var title = WebUtility.HtmlEncode($"{report.DataSet}, {report.Model}: mean loss of {report.Tasks} tasks");
        svg.AppendLine(Invariant($"<text x=\"{Left}\" y=\"22\" font-size=\"14\" font-weight=\"bold\">{title}</text>"));
        if (rows.Length > 0) Curves(svg, rows);
        svg.AppendLine("</svg>");
        return svg.ToString();
    }

    private static void Curves(StringBuilder svg, TunerRow[] rows)
    {
        var steps = rows.Max(row => row.Curve.Count);
        double[] all = [.. rows.SelectMany(row => row.Curve).Select(loss => Math.Log10(Math.Max(loss, Least)))];
        var (low, high) = (Math.Floor(all.Min()), Math.Ceiling(all.Max()));
        if (low == high) high++;
        for (var power = low; power <= high; power++)
        {
            var y = Y(power);
            svg.AppendLine(Invariant($"<line x1=\"{Left}\" y1=\"{y:0}\" x2=\"{Left + Plot}\" y2=\"{y:0}\" stroke=\"#e5e7eb\"/>"));
            svg.AppendLine(Invariant($"<text x=\"{Left - 8}\" y=\"{y + 4:0}\" text-anchor=\"end\">1e{power:0}</text>"));
        }
        foreach (var (place, row) in rows.Index())
        {
            // Neighbours differ by the golden angle, so that however many there are, none is like the next.
            var colour = Invariant($"hsl({place * 137.5 % 360:0},65%,40%)");
            var points = string.Join(' ', row.Curve.Select((loss, step) =>
                Invariant($"{Left + (Plot * (double)step / (steps - 1)):0.0},{Y(Math.Log10(Math.Max(loss, Least))):0.0}")));
            svg.AppendLine(Invariant($"<polyline points=\"{points}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.5\"/>"));
            var name = WebUtility.HtmlEncode(row.Title);
            svg.AppendLine(Invariant($"<text x=\"{Left + Plot + 16}\" y=\"{Top + 12 + (place * 15)}\" fill=\"{colour}\">{name}</text>"));
        }
        var middle = Left + (Plot / 2);
        svg.AppendLine(Invariant($"<text x=\"{middle}\" y=\"{Top + Tall + 34}\" text-anchor=\"middle\">step, to {steps}</text>"));

        double Y(double power) => Top + (Tall * (high - power) / (high - low));
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
