using LoraRecycle.Core.Method.Distillation.Steps;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Distillation;

public class CoarseViewTests
{
    [Fact]
    public void A_coarse_image_lacks_what_is_finer_than_a_third_of_its_pixels_and_the_others_stay()
    {
        using var scope = NewDisposeScope();
        // Stripes of a pixel over a slope from left to right.
        var slope = arange(24, dtype: ScalarType.Float32).view(1, 1, 1, 24).mul(4).add(80).expand(1, 3, 24, 24);
        var stripes = arange(24).remainder(2).view(1, 1, 24, 1).mul(40).add(-20).to(ScalarType.Float32);
        var bytes = slope.add(stripes).to(ScalarType.Byte);
        var same = new[] { 1f, 0, 0, 0, 1, 0 };
        var views = new ImageViews(
            tensor(new long[] { 0, 0 }), tensor(same.Concat(same).ToArray(), [2, 2, 3]),
            tensor(new[] { 1f, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0 }, [1, 3, 4]).expand(2, -1, -1), zeros([2]), tensor(new[] { 1f, 0f }));

        var seen = views.See(bytes, 24, lines: null, coarse: true);

        Assert.True(allclose(seen[1], bytes[0].to(ScalarType.Float32).div(255), rtol: 0, atol: 1e-5));
        var inner = seen[0].narrow(1, 6, 12).narrow(2, 6, 12);
        var contrast = (inner.narrow(1, 1, 11) - inner.narrow(1, 0, 11)).abs().max().item<float>();
        Assert.True(contrast < 0.4 * 40 / 255, $"stripes of {contrast:F3} are left");
        Assert.True(
            allclose(inner.mean([1]), slope[0].narrow(1, 0, 12).narrow(2, 6, 12).mean([1]).div(255), rtol: 0, atol: 0.03),
            "the slope stays"
        );
    }
}
