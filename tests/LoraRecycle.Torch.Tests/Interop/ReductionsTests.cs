using static TorchSharp.torch;

namespace LoraRecycle.Torch.Tests.Interop;

public sealed class ReductionsTests
{
    [Fact]
    public void squares_of_narrow_numbers_are_summed_in_a_wider_type()
    {
        using var scope = NewDisposeScope();
        // 2,000 ones: bfloat16 could count to 256 only.
        var values = ones([2, 2000], ScalarType.BFloat16);

        var sums = values.SumOfSquares([1], ScalarType.Float32);

        Assert.Equal(ScalarType.Float32, sums.dtype);
        Assert.All(sums.data<float>().ToArray(), sum => Assert.InRange(sum, 1999.5f, 2000.5f));
    }
}
