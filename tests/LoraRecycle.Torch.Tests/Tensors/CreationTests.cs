using LoraRecycle.Torch.Tests.Numerics;
using static TorchSharp.torch;

namespace LoraRecycle.Torch.Tests.Tensors;

public class CreationTests
{
    private static readonly Device Device = TestDevice.Current;

    [Fact, Covers("Zeros", "Ones", "Full", "EyeM", "Linspace", "ArangeStartStep", "ZerosLike", "OnesLike", "EmptyMemoryFormat")]
    public void Makers_fill_their_tensors_as_named()
    {
        using var scope = NewDisposeScope();
        Holds(zeros(2, 3, device: Device), [2, 3], 0, 0, 0, 0, 0, 0);
        Holds(zeros(2, device: Device), [2], 0, 0);
        Holds(ones([2, 1], device: Device), [2, 1], 1, 1);
        Holds(ones(2, device: Device), [2], 1, 1);
        Holds(full([2], 2.5, device: Device), [2], 2.5, 2.5);
        Holds(eye(2, 3, device: Device), [2, 3], 1, 0, 0, 0, 1, 0);
        Holds(eye(2, device: Device), [2, 2], 1, 0, 0, 1);
        Holds(linspace(-1, 1, 5, device: Device), [5], -1, -0.5, 0, 0.5, 1);
        Holds(arange(3, device: Device), [3], 0, 1, 2);
        Holds(arange(1, 4, device: Device), [3], 1, 2, 3);
        Holds(arange(1.0, 0.0, -0.25, device: Device), [4], 1, 0.75, 0.5, 0.25);
        Holds(zeros_like(ones([2], device: Device)), [2], 0, 0);
        Holds(ones_like(zeros(2, device: Device), dtype: int64), [2], 1, 1);
        Assert.Equal([3L, 0], empty([3, 0], device: Device).shape);
    }

    [Fact]
    public void Makers_give_float32_unless_told_otherwise_and_arange_what_its_bounds_are()
    {
        using var scope = NewDisposeScope();
        Assert.Equal(ScalarType.Float32, zeros(1).dtype);
        Assert.Equal(ScalarType.Float16, ones(1, float16).dtype);
        Assert.Equal(ScalarType.Int64, arange(3).dtype);
        Assert.Equal(ScalarType.Float32, arange(3.0).dtype);
        Assert.Equal(ScalarType.Float64, zeros_like(ones([1], float64)).dtype);
        Assert.True(zeros(1, requires_grad: true).requires_grad);
    }

    [Fact]
    public void Arrays_become_tensors_of_their_own_element_type()
    {
        using var scope = NewDisposeScope();
        Assert.Equal(ScalarType.Float32, tensor(new float[] { 1 }).dtype);
        Assert.Equal(ScalarType.Float64, tensor(new double[] { 1 }).dtype);
        Assert.Equal(ScalarType.Int64, tensor(new long[] { 1 }).dtype);
        Assert.Equal(ScalarType.Int32, tensor(new[] { 1 }).dtype);
        Assert.Equal(ScalarType.Byte, tensor(new byte[] { 1 }).dtype);
        Assert.Equal(ScalarType.Bool, tensor(new[] { true }).dtype);
        Assert.Equal([], tensor(1.5f).shape);
        Holds(tensor(new[] { 1, 2, 3, 4 }, [2, 2], float64, Device), [2, 2], 1, 2, 3, 4);
        Holds(tensor(Array.Empty<float>(), device: Device), [0]);
    }

    [Fact]
    public void An_array_is_copied_and_not_shared()
    {
        var source = new float[] { 1, 2 };
        using var copy = tensor(source);
        source[0] = 9;
        Assert.Equal([1f, 2], copy.data<float>().ToArray());
    }

    private static void Holds(Tensor actual, long[] shape, params double[] values) => Close.Assert(new NdArray(shape, values), NdArray.FromTensor(actual));
}
