using LoraRecycle.Core.Foundation.Tensors;
using LoraRecycle.Tests;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Devices;

public sealed class MatrixProductTests
{
    [Theory]
    [InlineData(new long[] { 3, 4 }, new long[] { 4, 5 })]
    [InlineData(new long[] { 3, 4 }, new long[] { 4 })]
    [InlineData(new long[] { 2, 3, 4 }, new long[] { 4, 5 })]
    [InlineData(new long[] { 2, 3, 4 }, new long[] { 2, 4, 5 })]
    [InlineData(new long[] { 2, 6, 3, 4 }, new long[] { 2, 6, 4, 5 })]
    [InlineData(new long[] { 3, 4 }, new long[] { 2, 4, 5 })]
    [InlineData(new long[] { 2, 1, 3, 4 }, new long[] { 6, 4, 5 })]
    public void Products_of_any_shapes_are_those_of_torch(long[] left, long[] right)
    {
        using var scope = NewDisposeScope();
        var (a, b) = (randn(left, device: TestDevice.Current), randn(right, device: TestDevice.Current));
        var expected = a.matmul(b);
        var actual = a.Times(b);
        Assert.Equal(expected.shape, actual.shape);
        Assert.True((actual - expected).abs().max().item<float>() < 1e-5);
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_an_exception_and_not_the_end_of_the_process()
    {
        using var scope = NewDisposeScope();
        Assert.ThrowsAny<Exception>(() => zeros([2, 3]).Times(zeros([4, 5])));
        Assert.ThrowsAny<Exception>(() => zeros([2, 2, 3]).Times(zeros([2, 4, 5])));
        Assert.ThrowsAny<Exception>(() => zeros([7, 2, 3]).Times(zeros([4, 5])));
    }

    [Fact]
    public void The_product_calls_no_function_of_torchsharp_that_catches_nothing() =>
        Assert.DoesNotContain(
            Directory.EnumerateFiles(Repository.PathOf("src"), "*.cs", SearchOption.AllDirectories),
            file => File.ReadAllText(file).Contains(".matmul(", StringComparison.Ordinal));
}
