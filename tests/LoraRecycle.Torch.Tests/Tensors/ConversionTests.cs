using LoraRecycle.Torch.Tests.Numerics;
using static TorchSharp.torch;

namespace LoraRecycle.Torch.Tests.Tensors;

public class ConversionTests
{
    private static readonly ScalarType[] Types = [float32, float64, float16, bfloat16, int64, int32, uint8, @bool];

    public static TheoryData<ScalarType, ScalarType> Pairs => [.. Types.SelectMany(from => Types.Select(to => new TheoryDataRow<ScalarType, ScalarType>(from, to)))];

    [Theory, MemberData(nameof(Pairs))]
    public void Small_whole_numbers_survive_every_conversion(ScalarType from, ScalarType to)
    {
        using var scope = NewDisposeScope();
        double[] values = [0, 1, 0, 1, 1];
        var converted = tensor(values, dtype: from, device: TestDevice.Current).to(to);
        Assert.Equal(to, converted.dtype);
        Assert.Equal(values, NdArray.FromTensor(converted).Values);
    }

    [Fact]
    public void Half_precision_rounds_as_the_formats_say()
    {
        using var scope = NewDisposeScope();
        double[] values = [1 / 3.0, 65504, 1e-7, -2.71828];
        var half = NdArray.FromTensor(tensor(values).half()).Values;
        Assert.Equal(values.Select(value => (double)(Half)value), half);
        var brain = NdArray.FromTensor(tensor(values).to(float32).bfloat16()).Values;
        Assert.Equal(values.Select(value => (double)ToBFloat16((float)value)), brain);
    }

    [Fact]
    public void Floats_are_cut_to_integers_and_anything_but_zero_is_true()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[] { -1.9, 0, 0.5, 2.7 });
        Assert.Equal([-1L, 0, 0, 2], x.to(int64).data<long>().ToArray());
        Assert.Equal([true, false, true, true], x.to(@bool).data<bool>().ToArray());
        Assert.Equal([(byte)3], tensor(new[] { 3.2 }).to(uint8).data<byte>().ToArray());
        Assert.Equal([(Half)0.5f], tensor(new[] { 0.5 }).half().data<Half>().ToArray());
    }

    [Fact]
    public void The_same_type_and_device_share_memory_unless_a_copy_is_asked_for()
    {
        using var scope = NewDisposeScope();
        var x = zeros(2);
        x.to(float32).fill_(1);
        Assert.Equal([1f, 1], x.data<float>().ToArray());
        x.to(float32, copy: true).fill_(2);
        Assert.Equal([1f, 1], x.data<float>().ToArray());
        Assert.Equal(ScalarType.Int32, x.type_as(zeros(1, int32)).dtype);
    }

    [Fact]
    public void DisposeAfter_frees_the_source()
    {
        var x = zeros(2);
        using var converted = x.to(int64, disposeAfter: true);
        Assert.True(x.IsInvalid);
        Assert.Equal([0L, 0], converted.data<long>().ToArray());
    }

    /// <summary>The upper half of a float, rounded to nearest, ties to even.</summary>
    private static float ToBFloat16(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        bits += 0x7fff + ((bits >> 16) & 1);
        return BitConverter.UInt32BitsToSingle(bits & 0xffff0000);
    }
}
