using LoraRecycle.Core.Method.Inversion;
using LoraRecycle.Core.Method.Inversion.Optimization;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Inversion;

public sealed class InversionScheduleTests
{
    private static readonly InversionSettings Settings = new() { Seed = 4, Jitter = 0.25 };

    [Theory]
    [InlineData(8)]
    [InlineData(12)]
    public void What_is_seen_is_the_crop_rolled_and_perhaps_mirrored(int canvas)
    {
        using var scope = NewDisposeScope();
        using var schedule = new InversionSchedule(Settings, 8, canvas, CPU);
        var images = Noise(canvas, 1);
        var flips = 0;
        for (var iteration = 1020; iteration < 1030; iteration++)
        {
            var view = InversionView.At(Settings, iteration, 8, canvas);
            flips += view.Flip ? 1 : 0;
            var expected = images.narrow(2, view.CropY, 8).narrow(3, view.CropX, 8).roll([view.RollY, view.RollX], [2, 3]);
            schedule.MoveTo(iteration);

            Assert.Equal(
                (view.Flip ? expected.flip(3) : expected).contiguous().data<float>().ToArray(),
                schedule.See(images).data<float>().ToArray()
            );
            Assert.Equal(iteration, schedule.Iteration().item<long>());
        }
        Assert.InRange(flips, 1, 9);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(12)]
    public void Gradients_go_back_to_the_pixels_that_were_seen(int canvas)
    {
        using var scope = NewDisposeScope();
        using var schedule = new InversionSchedule(Settings, 8, canvas, CPU);
        schedule.MoveTo(7);
        var images = Noise(canvas, 2).requires_grad_();
        var gradient = Noise(8, 3);

        var expected = autograd.grad([schedule.See(images)], [images], [gradient])[0];

        Assert.Equal(expected.data<float>().ToArray(), schedule.Back(gradient).contiguous().data<float>().ToArray());
    }

    private static Tensor Noise(int side, ulong seed)
    {
        using var generator = new Generator(seed);
        return randn([2, 3, side, side], generator: generator);
    }
}
