using static TorchSharp.torch;

namespace LoraRecycle.Core.Imaging.Preprocessing;

/// <summary>
/// Antialiased resizing on a device. A picture of tens of megapixels would take twelve bytes a pixel as floats, so it is
/// narrowed band by band first; the filter is separable, and so the result is the same.
/// </summary>
/// <param name="filter">The filter, in both directions.</param>
/// <param name="bandPixels">Most pixels that are floats at a time. Phones' photographs pass whole: one band is the fastest.</param>
internal sealed class ImageResizer(Resampling filter, long bandPixels = 16L << 20)
{
    private readonly InterpolationMode _mode = filter switch
    {
        Resampling.Bilinear => InterpolationMode.Bilinear,
        Resampling.Bicubic => InterpolationMode.Bicubic,
        _ => throw new ArgumentOutOfRangeException(nameof(filter), filter, null),
    };

    /// <param name="bytes"><c>[1, height, width, 3]</c>, uint8.</param>
    /// <param name="height">Rows wanted.</param>
    /// <param name="width">Columns wanted.</param>
    /// <returns><c>[1, 3, height, width]</c>, float32, neither rounded nor clamped.</returns>
    public Tensor Resize(Tensor bytes, long height, long width)
    {
        using var scope = NewDisposeScope();
        var rows = bytes.shape[1];
        var bandRows = Math.Max(1, bandPixels / bytes.shape[2]);
        if (rows <= bandRows)
            return scope.MoveToOuter(Interpolate(AsPlanes(bytes), height, width));

        var bands = new List<Tensor>();
        for (long top = 0; top < rows; top += bandRows)
            bands.Add(Narrow(bytes, top, Math.Min(bandRows, rows - top), width));
        return scope.MoveToOuter(Interpolate(cat([.. bands], 2), height, width));
    }

    /// <summary><c>[1, height, width, 3]</c> bytes as <c>[1, 3, height, width]</c> floats.</summary>
    public static Tensor AsPlanes(Tensor bytes)
    {
        using var planes = bytes.permute(0, 3, 1, 2);
        return planes.to(ScalarType.Float32);
    }

    private Tensor Narrow(Tensor bytes, long top, long rows, long width)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(Interpolate(AsPlanes(bytes.narrow(1, top, rows)), rows, width));
    }

    private Tensor Interpolate(Tensor planes, long height, long width) =>
        nn.functional.interpolate(planes, size: [height, width], mode: _mode, align_corners: false, antialias: true);
}
