using LoraRecycle.Torch.Tests.Numerics;
using static LoraRecycle.Torch.Tests.Numerics.NdArray;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace LoraRecycle.Torch.Tests.nn;

/// <summary>Resizing is linear and separable: one matrix for the rows and one for the columns.</summary>
internal static class InterpolationRows
{
    private static readonly NdArray Image = Random([1, 2, 6, 4]);

    /// <summary>Some of its places lie beyond the edges.</summary>
    private static readonly NdArray Places = Random([1, 3, 2, 2]);

    public static OperatorTable Table { get; } = new()
    {
        { "UpsampleNearest2d", Image, x => interpolate(x, [4, 6]), x => Resized(x, Nearest) },
        { "UpsampleBilinear2d", Image, x => interpolate(x, [4, 6], mode: InterpolationMode.Bilinear), x => Resized(x, Linear) },
        { "UpsampleBicubic2d", Image, x => interpolate(x, [4, 6], mode: InterpolationMode.Bicubic), x => Resized(x, Cubic) },
        {
            "UpsampleBilinear2dAa", Image, x => interpolate(x, [4, 6], mode: InterpolationMode.Bilinear, antialias: true),
            x => Resized(x, (o, size, scale) => Antialiased(o, size, scale, 1, t => Math.Max(0, 1 - Math.Abs(t))))
        },
        {
            "UpsampleBicubic2dAa", Image, x => interpolate(x, [4, 6], mode: InterpolationMode.Bicubic, antialias: true),
            x => Resized(x, (o, size, scale) => Antialiased(o, size, scale, 2, t => Keys(t, -0.5)))
        },
        { "GridSampler", Image, Places, (x, grid) => grid_sample(x, grid, align_corners: false), Sampled },
        {
            "GridSampler", Image, Places, (x, grid) => grid_sample(x, grid, GridSampleMode.Nearest, GridSamplePaddingMode.Border, align_corners: true),
            (x, grid) => From([1, 2, 3, 2], o => x[
                0, o[1], (long)Math.Clamp(Math.Round((grid[0, o[2], o[3], 1] + 1) / 2 * 5, MidpointRounding.ToEven), 0, 5), (long)Math.Clamp(Math.Round((grid[0, o[2], o[3], 0] + 1) / 2 * 3, MidpointRounding.ToEven), 0, 3)]),
            false
        },
    };

    /// <summary>The weights of the input positions for one output position.</summary>
    private delegate double[] Weights(long output, long size, double scale);

    private static NdArray Resized(NdArray x, Weights weights)
    {
        var rows = Enumerable.Range(0, 4).Select(o => weights(o, 6, 6.0 / 4)).ToArray();
        var columns = Enumerable.Range(0, 6).Select(o => weights(o, 4, 4.0 / 6)).ToArray();
        return From([1, 2, 4, 6], o => Indices([6, 4]).Sum(i => rows[o[2]][i[0]] * columns[o[3]][i[1]] * x[0, o[1], i[0], i[1]]));
    }

    /// <summary>Each place takes from the four samples around it; those beyond the edge are zero.</summary>
    private static NdArray Sampled(NdArray x, NdArray grid) => From([1, 2, 3, 2], o =>
    {
        var (row, column) = ((((grid[0, o[2], o[3], 1] + 1) * 6) - 1) / 2, (((grid[0, o[2], o[3], 0] + 1) * 4) - 1) / 2);
        return Indices([6, 4]).Sum(i => Math.Max(0, 1 - Math.Abs(i[0] - row)) * Math.Max(0, 1 - Math.Abs(i[1] - column)) * x[0, o[1], i[0], i[1]]);
    });

    private static double[] Nearest(long output, long size, double scale)
    {
        var weights = new double[size];
        weights[Math.Min((long)(output * scale), size - 1)] = 1;
        return weights;
    }

    private static double[] Linear(long output, long size, double scale)
    {
        var at = Math.Max(((output + 0.5) * scale) - 0.5, 0);
        return Taps((long)at, 2, size, position => 1 - Math.Abs(position - at));
    }

    private static double[] Cubic(long output, long size, double scale)
    {
        var at = ((output + 0.5) * scale) - 0.5;
        return Taps((long)Math.Floor(at) - 1, 4, size, position => Keys(position - at, -0.75));
    }

    /// <summary>Positions beyond the edge count for the edge.</summary>
    private static double[] Taps(long first, int count, long size, Func<long, double> weight)
    {
        var weights = new double[size];
        for (var position = first; position < first + count; position++) weights[Math.Clamp(position, 0, size - 1)] += weight(position);
        return weights;
    }

    /// <summary>The filter is widened by the scale when the image shrinks, cut at the edges and normalised.</summary>
    private static double[] Antialiased(long output, long size, double scale, double radius, Func<double, double> filter)
    {
        var (centre, stretch) = ((output + 0.5) * scale, Math.Max(scale, 1));
        var (first, last) = ((long)Math.Max(centre - (radius * stretch) + 0.5, 0), (long)Math.Min(centre + (radius * stretch) + 0.5, size));
        var weights = Enumerable.Range(0, (int)size).Select(i => i >= first && i < last ? filter((i + 0.5 - centre) / stretch) : 0).ToArray();
        return [.. weights.Select(weight => weight / weights.Sum())];
    }

    /// <summary>Keys' cubic convolution kernel.</summary>
    private static double Keys(double t, double a) => Math.Abs(t) switch
    {
        <= 1 and var x => ((((a + 2) * x) - (a + 3)) * x * x) + 1,
        < 2 and var x => (((((x - 5) * x) + 8) * x) - 4) * a,
        _ => 0,
    };
}
