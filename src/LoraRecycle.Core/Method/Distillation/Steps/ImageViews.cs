using LoraRecycle.Core.Method.Distillation.Episodes;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Distillation.Steps;

/// <summary>Which images, and what is seen of each (<see cref="ImageView"/>), as tensors on a device.</summary>
/// <param name="Images">[images], int64.</param>
/// <param name="Places">[images, 2, 3].</param>
/// <param name="Colours">[images, 3, 4].</param>
/// <param name="LineDrawings">[images]: 1 for those seen as line drawings.</param>
/// <param name="Coarse">[images]: 1 for those seen with a third of their pixels a side.</param>
internal readonly record struct ImageViews(Tensor Images, Tensor Places, Tensor Colours, Tensor LineDrawings, Tensor Coarse)
{
    private const int CoarseFactor = 3;

    /// <param name="bytes">[count, 3, canvas, canvas], 8 bit: all images.</param>
    /// <param name="size">Pixels a side of what is seen.</param>
    /// <param name="lines">Draws them; null where no image is a line drawing.</param>
    /// <param name="coarse">Whether some image may be seen with fewer pixels.</param>
    /// <returns>[images, 3, size, size], from 0 to 1.</returns>
    public Tensor See(Tensor bytes, int size, LineDrawing? lines, bool coarse)
    {
        using var scope = NewDisposeScope();
        var samples = bytes.index_select(0, Images).to(ScalarType.Float32).div(255);
        // Turned corners show what is nearest to them: black ones would be something to learn.
        var seen = nn
            .functional.grid_sample(samples, Grid(size), padding_mode: GridSamplePaddingMode.Border, align_corners: false)
            .flatten(2);
        // A matrix a picture: brightness, contrast and saturation are all linear in its samples.
        var coloured = Colours.narrow(2, 0, 3).bmm(seen).add(Colours.narrow(2, 3, 1)).clamp(0, 1).view(-1, 3, size, size);
        if (coarse)
        {
            var few = Coarse.view(-1, 1, 1, 1);
            var small = nn.functional.adaptive_avg_pool2d(coloured, Math.Max(1, size / CoarseFactor));
            var enlarged = nn
                .functional.interpolate(small, [size, size], mode: InterpolationMode.Bicubic, align_corners: false)
                .clamp(0, 1);
            coloured = coloured.mul(1 - few).add(enlarged.mul(few));
        }
        if (lines is not null)
        {
            var drawn = LineDrawings.view(-1, 1, 1, 1);
            coloured = coloured.mul(1 - drawn).add(lines.Of(coloured).mul(drawn));
        }
        return coloured.MoveToOuterDisposeScope();
    }

    /// <param name="maps">[count, 1, grid, grid]: a value a patch of each image.</param>
    /// <param name="size">Patches a side of what is seen.</param>
    /// <returns>[images, size * size].</returns>
    public Tensor Of(Tensor maps, int size)
    {
        using var scope = NewDisposeScope();
        return nn
            .functional.grid_sample(
                maps.index_select(0, Images),
                Grid(size),
                padding_mode: GridSamplePaddingMode.Border,
                align_corners: false
            )
            .flatten(1)
            .MoveToOuterDisposeScope();
    }

    /// <summary>Where each place of the view lies in the image, [images, size, size, 2]; x first.</summary>
    private Tensor Grid(int size)
    {
        var line = arange(size, dtype: ScalarType.Float32, device: Places.device).mul(2.0 / size).add((1.0 / size) - 1);
        var (x, y) = (line.view(1, size).expand(size, size), line.view(size, 1).expand(size, size));
        var corners = stack([x, y, ones_like(x)], 2).view(1, size * size, 3).expand(Places.shape[0], -1, -1);
        return corners.bmm(Places.mT).view(-1, size, size, 2);
    }
}
