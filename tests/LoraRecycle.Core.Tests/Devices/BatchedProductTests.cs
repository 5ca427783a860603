using LoraRecycle.Core.Foundation.Tensors;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Devices;

public sealed class BatchedProductTests
{
    [Fact]
    public void The_summand_is_added_to_the_product_of_the_two_others()
    {
        using var scope = NewDisposeScope();
        var (input, a, b) = (
            randn([1, 1, 4], device: TestDevice.Current),
            randn([2, 3, 5], device: TestDevice.Current),
            randn([2, 5, 4], device: TestDevice.Current)
        );
        var sum = BatchedProduct.Add(input, a, b);
        Assert.Equal([2, 3, 4], sum.shape);
        Assert.True((sum - (input + a.bmm(b))).abs().max().item<float>() < 1e-5);
    }
}
