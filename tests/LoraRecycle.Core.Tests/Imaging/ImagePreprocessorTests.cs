using LoraRecycle.Core.Imaging;
using LoraRecycle.Core.Imaging.Preprocessing;
using TorchSharp;

namespace LoraRecycle.Core.Tests.Imaging;

public sealed class ImagePreprocessorTests
{
    private static readonly PreprocessorConfig Untouched = new()
    {
        DoResize = false,
        Size = ResizeTarget.Exact(1, 1),
        DoRescale = false,
        DoNormalize = false,
        ImageMean = [0, 0, 0],
        ImageStd = [1, 1, 1],
    };

    /// <summary>An image whose red channel is <paramref name="red"/> of row and column, green 100 and blue 200.</summary>
    private static DecodedImage Image(int height, int width, Func<int, int, int> red)
    {
        var pixels = new byte[height * width * DecodedImage.Channels];
        for (var i = 0; i < height * width; i++)
            (pixels[i * 3], pixels[i * 3 + 1], pixels[i * 3 + 2]) = ((byte)red(i / width, i % width), 100, 200);
        return new DecodedImage(width, height, pixels);
    }

    private static (long[] Shape, float[] Values) Run(PreprocessorConfig config, params DecodedImage[] images)
    {
        using var batch = new ImagePreprocessor(config).Preprocess(images, torch.CPU);
        return (batch.shape, batch.data<float>().ToArray());
    }

    [Fact]
    public void Pixels_become_planes_in_the_order_red_green_blue()
    {
        var (shape, values) = Run(Untouched, Image(2, 3, (y, x) => 10 * y + x));

        Assert.Equal([1, 3, 2, 3], shape);
        Assert.Equal([0, 1, 2, 10, 11, 12, .. Enumerable.Repeat(100f, 6), .. Enumerable.Repeat(200f, 6)], values);
    }

    [Fact]
    public void Rescaling_and_normalising_are_fused_without_changing_the_result()
    {
        var config = Untouched with
        {
            DoRescale = true,
            RescaleFactor = 1.0 / 255,
            DoNormalize = true,
            ImageMean = [0.1, 0.2, 0.3],
            ImageStd = [0.5, 0.25, 2],
        };

        var (_, values) = Run(config, Image(1, 1, (_, _) => 51));

        Assert.Equal((51 / 255.0 - 0.1) / 0.5, values[0], 1e-6);
        Assert.Equal((100 / 255.0 - 0.2) / 0.25, values[1], 1e-6);
        Assert.Equal((200 / 255.0 - 0.3) / 2, values[2], 1e-6);
    }

    [Fact]
    public void Normalising_works_without_rescaling_and_the_other_way_round()
    {
        var normalised = Run(
            Untouched with
            {
                DoNormalize = true,
                ImageMean = [1, 0, 0],
                ImageStd = [2, 1, 1],
            },
            Image(1, 1, (_, _) => 51)
        ).Values;
        var rescaled = Run(Untouched with { DoRescale = true, RescaleFactor = 0.5 }, Image(1, 1, (_, _) => 51)).Values;

        Assert.Equal([25, 100, 200], normalised);
        Assert.Equal([25.5f, 50, 100], rescaled);
    }

    [Theory]
    [InlineData(5, 1)] // one row too many on each side
    [InlineData(6, 1)] // three too many: the odd one goes behind
    [InlineData(7, 2)]
    public void The_crop_is_from_the_middle_rounded_towards_the_start(int rows, int firstRow)
    {
        var (shape, values) = Run(Untouched with { DoCenterCrop = true, CropSize = (3, 1) }, Image(rows, 1, (y, _) => y));

        Assert.Equal([1, 3, 3, 1], shape);
        Assert.Equal([firstRow, firstRow + 1, firstRow + 2], values[..3]);
    }

    [Fact]
    public void A_crop_larger_than_the_picture_pads_with_black_before_normalising()
    {
        var config = Untouched with { DoCenterCrop = true, CropSize = (4, 2), DoNormalize = true, ImageMean = [1, 1, 1] };

        var (shape, values) = Run(config, Image(1, 3, (_, x) => 10 + x));

        // Height 1 of 4: one row before, two behind. Width 3 to 2: the first two columns.
        Assert.Equal([1, 3, 4, 2], shape);
        Assert.Equal([-1, -1, 9, 10, -1, -1, -1, -1], values[..8]);
    }

    [Theory]
    [InlineData(Resampling.Bilinear)]
    [InlineData(Resampling.Bicubic)]
    public void Resizing_gives_whole_samples_between_0_and_255(Resampling filter)
    {
        // A hard edge, on which cubic filters overshoot.
        var config = Untouched with { DoResize = true, Size = ResizeTarget.Exact(13, 13), Resample = filter };

        var (_, values) = Run(config, Image(40, 40, (_, x) => x < 20 ? 0 : 255));

        Assert.All(values, value => Assert.True(value is >= 0 and <= 255 && value == MathF.Round(value)));
        Assert.Contains(values[..169], value => value is > 0 and < 255);
    }

    [Fact]
    public void Shrinking_averages_over_all_pixels()
    {
        // A checkerboard has no grey pixel; without antialiasing it would keep its extremes.
        var config = Untouched with { DoResize = true, Size = ResizeTarget.Exact(4, 4), Resample = Resampling.Bilinear };

        var (_, values) = Run(config, Image(64, 64, (y, x) => (x + y) % 2 * 255));

        Assert.All(values[..16], value => Assert.InRange(value, 126, 129));
    }

    [Fact]
    public void Images_of_all_sizes_share_a_batch_and_do_not_change_each_other()
    {
        var config = PreprocessorConfig.DefaultOf(ImageProcessorKind.Clip) with
        {
            Size = ResizeTarget.ShortestEdge(16),
            CropSize = (16, 16),
        };
        var images = new[] { Image(40, 30, (y, x) => y * x % 256), Image(16, 16, (y, x) => y + x), Image(9, 70, (_, x) => x) };

        var (shape, batched) = Run(config, images);

        Assert.Equal([3, 3, 16, 16], shape);
        Assert.Equal(images.SelectMany(image => Run(config, image).Values), batched);
    }

    [Fact]
    public void Images_that_come_out_in_different_sizes_are_refused_by_number()
    {
        var refused = Assert.Throws<ArgumentException>(() => Run(Untouched, Image(2, 2, (_, _) => 0), Image(2, 3, (_, _) => 0)));

        Assert.Contains("image 1 at 3 x 2", refused.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Run(Untouched));
    }

    [Fact]
    public void The_batch_belongs_to_the_callers_scope_and_nothing_else_stays()
    {
        var preprocessor = new ImagePreprocessor(PreprocessorConfig.DefaultOf(ImageProcessorKind.Clip));
        using var scope = torch.NewDisposeScope();

        var batch = preprocessor.Preprocess([Image(30, 40, (y, x) => y + x)], torch.CPU);

        Assert.Equal(1, scope.DisposablesCount);
        Assert.Equal([1, 3, 224, 224], batch.shape);
        Assert.False(batch.requires_grad);
    }
}
