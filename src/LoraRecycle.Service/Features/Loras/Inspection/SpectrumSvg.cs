using System.Globalization;
using System.Xml.Linq;
using LoraRecycle.Core.Adapters.Algebra.Analysis;

namespace LoraRecycle.Service.Features.Loras.Inspection;

/// <summary>
/// Draws a LoRA's spectrum: a small chart for each adapted layer, blocks from left to right and targets from top to bottom,
/// with the singular values of the delta and of the base on one logarithmic scale, and the intruders marked.
/// </summary>
internal static class SpectrumSvg
{
    private const double Left = 64;
    private const double Top = 76;
    private const double Width = 72;
    private const double Height = 72;
    private const double Gap = 8;
    private const double LeastWidth = 420;
    private const int MostDecades = 6;

    // Colours follow the reader's. Plain properties, since not every renderer of SVG knows variables.
    private const string Style = """
        text { font: 11px system-ui, sans-serif; fill: #59636e } .title { font-size: 14px; font-weight: 600; fill: #1f2328 }
        .back { fill: #ffffff } .frame { fill: none; stroke: #d1d9e0 } .decade { stroke: #d1d9e0; stroke-dasharray: 2 3 }
        .base { fill: none; stroke: #59636e; stroke-width: 1.5 } .delta { fill: none; stroke: #0969da; stroke-width: 1.5 }
        .point { fill: #0969da } .alarm { fill: #cf222e } .end { text-anchor: end } .middle { text-anchor: middle }
        @media (prefers-color-scheme: dark) {
          text { fill: #9198a1 } .title { fill: #f0f6fc } .back { fill: #0d1117 } .frame, .decade { stroke: #3d444d }
          .base { stroke: #9198a1 } .delta { stroke: #58a6ff } .point { fill: #58a6ff } .alarm { fill: #ff7b72 }
        }
        """;

    // Layers that are in no block have a column of their own, the last.
    private const int AfterBlocks = int.MaxValue;

    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    /// <param name="title">What the LoRA is called.</param>
    /// <param name="layers">None for an adapter that runs beside the weights.</param>
    /// <param name="settings">What was measured.</param>
    public static string Draw(string title, IReadOnlyList<LayerSpectrum> layers, SpectrumSettings settings)
    {
        var places = layers.Select(layer => (Layer: layer, Block: BlockOf(layer.Layer), Target: TargetOf(layer.Layer))).ToArray();
        var blocks = places.Select(place => place.Block).Distinct().Order().ToArray();
        var targets = places.Select(place => place.Target).Distinct().ToArray();
        var scale = Scale.Of(layers);
        var width = Math.Max(LeastWidth, Left + (blocks.Length * (Width + Gap)) + Gap);
        var height = Top + (targets.Length * (Height + Gap)) + 24;

        var root = Element(
            "svg",
            ("viewBox", $"0 0 {Text(width)} {Text(height)}"),
            ("width", Text(width)),
            ("height", Text(height)),
            ("role", "img")
        );
        root.Add(
            new XElement(Svg + "title", $"Singular values of {title}"),
            new XElement(Svg + "style", Style),
            Element("rect", ("class", "back"), ("width", "100%"), ("height", "100%")),
            Words(16, 24, "title", title)
        );
        root.Add(
            layers.Count == 0
                ? [Words(16, 50, "", "This adapter runs beside the model and changes no weights.")]
                : Legend(layers.Sum(layer => layer.IntruderDimensions.Count), settings)
        );
        for (var row = 0; row < targets.Length; row++)
            root.Add(Axis(targets[row], Top + (row * (Height + Gap)), scale));
        foreach (var (layer, block, target) in places)
            root.Add(
                Chart(
                    layer,
                    Left + (Array.IndexOf(blocks, block) * (Width + Gap)),
                    Top + (Array.IndexOf(targets, target) * (Height + Gap)),
                    scale,
                    settings
                )
            );
        for (var column = 0; column < blocks.Length; column++)
            root.Add(
                Words(
                    Left + (column * (Width + Gap)) + (Width / 2),
                    height - 12,
                    "middle",
                    blocks[column] == AfterBlocks ? "head" : blocks[column].ToString(CultureInfo.InvariantCulture)
                )
            );
        return root.ToString(SaveOptions.DisableFormatting);
    }

    private static IEnumerable<XElement> Legend(int intruders, SpectrumSettings settings) =>
        [
            Element("line", ("class", "delta"), ("x1", "16"), ("y1", "46"), ("x2", "36"), ("y2", "46")),
            Words(42, 50, "", "delta"),
            Element("line", ("class", "base"), ("x1", "84"), ("y1", "46"), ("x2", "104"), ("y2", "46")),
            Words(110, 50, "", "base"),
            Element("circle", ("class", "alarm"), ("cx", "152"), ("cy", "46"), ("r", "3.5")),
            Words(
                160,
                50,
                "",
                string.Create(CultureInfo.InvariantCulture, $"intruder dimensions: {intruders} (cosine < {settings.IntruderCosine})")
            ),
        ];

    private static XElement Axis(string target, double top, Scale scale)
    {
        var axis = Element("g");
        axis.Add(Words(16, top + (Height / 2) + 4, "title", target));
        foreach (var decade in scale.Decades)
            axis.Add(
                Words(
                    Left - 6,
                    top + (scale.Of(Math.Pow(10, decade)) * Height) + 4,
                    "end",
                    Math.Pow(10, decade).ToString("0.######", CultureInfo.InvariantCulture)
                )
            );
        return axis;
    }

    private static XElement Chart(LayerSpectrum layer, double left, double top, Scale scale, SpectrumSettings settings)
    {
        var chart = Element("g", ("transform", $"translate({Text(left)} {Text(top)})"));
        chart.Add(
            new XElement(
                Svg + "title",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{layer.Layer}: norm {layer.Norm:0.###}, effective rank {layer.EffectiveRank:0.##}, intruders "
                        + $"{layer.IntruderDimensions.Count}"
                )
            )
        );
        foreach (var decade in scale.Decades.Select(decade => Text(scale.Of(Math.Pow(10, decade)) * Height)))
            chart.Add(Element("line", ("class", "decade"), ("x1", "0"), ("x2", Text(Width)), ("y1", decade), ("y2", decade)));
        chart.Add(Element("rect", ("class", "frame"), ("width", Text(Width)), ("height", Text(Height))));
        chart.Add(Curve("base", layer.BaseSingularValues, scale, settings), Curve("delta", layer.SingularValues, scale, settings));
        // A curve of one value has no length, and a short one is easier to see.
        foreach (var (value, index) in layer.SingularValues.Select((value, index) => (value, index)))
            chart.Add(
                Element(
                    "circle",
                    ("class", "point"),
                    ("cx", Text(Across(index, settings))),
                    ("cy", Text(scale.Of(value) * Height)),
                    ("r", "1.8")
                )
            );
        for (var i = 0; i < layer.IntruderDimensions.Count; i++)
            chart.Add(
                Element("circle", ("class", "alarm"), ("cx", Text(Width - 5 - (i % 8 * 8))), ("cy", Text(5 + (i / 8 * 8.0))), ("r", "3"))
            );
        return chart;
    }

    private static XElement Curve(string kind, IReadOnlyList<double> values, Scale scale, SpectrumSettings settings) =>
        Element(
            "polyline",
            ("class", kind),
            (
                "points",
                string.Join(
                    ' ',
                    values
                        .Where(value => value > 0)
                        .Select((value, index) => $"{Text(Across(index, settings))},{Text(scale.Of(value) * Height)}")
                )
            )
        );

    private static double Across(int index, SpectrumSettings settings) => 4 + (index * (Width - 8) / Math.Max(1, settings.Values - 1));

    private static int BlockOf(string layer) =>
        layer.Split('.') is ["layers", var number, ..] ? int.Parse(number, CultureInfo.InvariantCulture) : AfterBlocks;

    private static string TargetOf(string layer) => layer[(layer.LastIndexOf('.') + 1)..];

    private static XElement Words(double x, double y, string kind, string text) =>
        new(Element("text", ("x", Text(x)), ("y", Text(y)), ("class", kind))) { Value = text };

    private static XElement Element(string name, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        var element = new XElement(Svg + name);
        foreach (var (attribute, value) in attributes)
            element.SetAttributeValue(attribute, value);
        return element;
    }

    private static string Text(double number) => number.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>Logarithmic, from the largest value at the top down to the smallest, but not further than a few decades.</summary>
    private sealed record Scale(double Bottom, double Ceiling)
    {
        public IEnumerable<int> Decades =>
            Enumerable.Range((int)Math.Ceiling(Bottom), (int)(Math.Floor(Ceiling) - Math.Ceiling(Bottom)) + 1);

        public static Scale Of(IReadOnlyList<LayerSpectrum> layers)
        {
            var values = layers
                .SelectMany(layer => layer.SingularValues.Concat(layer.BaseSingularValues))
                .Where(value => value > 0)
                .DefaultIfEmpty(1)
                .ToArray();
            var ceiling = Math.Log10(values.Max()) + 0.1;
            return new Scale(Math.Max(ceiling - MostDecades, Math.Min(Math.Log10(values.Min()) - 0.1, ceiling - 1.2)), ceiling);
        }

        /// <summary>0 at the top, 1 at the bottom.</summary>
        public double Of(double value) => Math.Clamp((Ceiling - Math.Log10(value)) / (Ceiling - Bottom), 0, 1);
    }
}
