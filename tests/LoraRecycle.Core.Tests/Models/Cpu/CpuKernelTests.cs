using LoraRecycle.Core.Vision.Cpu;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Models.Cpu;

/// <summary>Our kernels beside double arithmetic. Where the processor lacks AVX-512 they are never called.</summary>
public sealed class CpuKernelTests
{
    [Theory]
    [InlineData(ScalarType.Float32, 1, 2e-6)]
    [InlineData(ScalarType.Float32, 15, 2e-6)]
    [InlineData(ScalarType.Float32, 64, 2e-6)]
    [InlineData(ScalarType.Float32, 65, 2e-6)]
    [InlineData(ScalarType.Float32, 4096, 2e-6)]
    [InlineData(ScalarType.BFloat16, 65, 4e-3)]
    public void Softmax_is_that_of_double_arithmetic_for_rows_of_any_length(ScalarType type, long columns, double tolerance)
    {
        using var scope = NewDisposeScope();
        var scores = (randn([37, columns], generator: new Generator(1)) * 20).to(type);
        if (!CpuKernels.Accept(scores)) return;
        var expected = (scores.to(float64) * 0.125).softmax(-1);
        CpuKernels.SoftmaxInPlace(scores, 0.125f);
        Assert.True(Relative(scores, expected) < tolerance, $"{Relative(scores, expected)}");
    }

    [Theory]
    [InlineData(ScalarType.Float32, 1e-6)]
    [InlineData(ScalarType.BFloat16, 4e-3)]
    public void Silu_is_that_of_double_arithmetic_for_any_count_and_size_of_numbers(ScalarType type, double tolerance)
    {
        foreach (var count in new long[] { 1, 16, 17, 1001, 100_003 })
        {
            using var scope = NewDisposeScope();
            var values = (randn([count], generator: new Generator(2)) * 30).to(type);
            if (!CpuKernels.Accept(values)) return;
            var expected = values.to(float64).silu();
            CpuKernels.SiluInPlace(values);
            Assert.True(Relative(values, expected) < tolerance, $"{count}: {Relative(values, expected)}");
        }
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void What_is_no_number_stays_none_and_infinity_saturates(ScalarType type)
    {
        using var scope = NewDisposeScope();
        var values = tensor(new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity, 1e30f, -1e30f }).to(type);
        if (!CpuKernels.Accept(values)) return;
        var silu = values.clone();
        CpuKernels.SiluInPlace(silu);
        var found = silu.to(float32).data<float>().ToArray();
        Assert.True(float.IsNaN(found[0]));
        Assert.Equal(float.PositiveInfinity, found[1]);
        Assert.True(found[3] > 9e29f && Math.Abs(found[4]) < 1e-6f, string.Join(' ', found));
        CpuKernels.SoftmaxInPlace(values);
        Assert.All(values.to(float32).data<float>().ToArray(), share => Assert.True(float.IsNaN(share)));
    }

    [Fact]
    public void A_tensor_that_does_not_lie_in_one_piece_is_refused()
    {
        using var scope = NewDisposeScope();
        var values = randn([8, 8]);
        if (!CpuKernels.Accept(values)) return;
        Assert.Throws<ArgumentException>(() => CpuKernels.SiluInPlace(values.T));
        Assert.Throws<ArgumentOutOfRangeException>(() => CpuKernels.SoftmaxInPlace(zeros([1, SoftmaxKernel.LongestRow + 1])));
    }

    private static double Relative(Tensor actual, Tensor expected) =>
        ((actual.to(float64) - expected).abs() / (expected.abs() + 1e-6)).max().item<double>();
}
