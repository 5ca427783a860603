using LoraRecycle.Torch.Tests.Numerics;
using static TorchSharp.torch;

namespace LoraRecycle.Torch.Tests.Tensors;

public class TensorTests
{
    [Fact]
    public void Metadata_describes_the_tensor()
    {
        using var scope = NewDisposeScope();
        var x = zeros([2, 3, 4], int64, TestDevice.Current);
        Assert.Equal([2L, 3, 4], x.shape);
        Assert.Equal([2L, 3, 4], x.size());
        Assert.Equal([12L, 4, 1], x.stride());
        Assert.Equal([12L, 1, 4], x.mT.stride());
        Assert.Equal((3L, 3L, 24L, 24L, 8L), (x.ndim, x.dim(), x.NumberOfElements, x.numel(), x.ElementSize));
        Assert.Equal((2L, 4L), (x.size(0), x.size(-1)));
        Assert.Equal(ScalarType.Int64, x.dtype);
        Assert.Equal(TestDevice.Current.type, x.device.type);
        Assert.Equal(TestDevice.Current.type, x.device_type);
        Assert.Equal(!TestDevice.IsCpu, x.is_cuda);
        Assert.True(x.is_contiguous());
        Assert.False(x.mT.is_contiguous());
        Assert.True(x.is_leaf);
        Assert.False(x.requires_grad);
    }

    [Fact]
    public void A_single_element_is_read_from_any_device()
    {
        using var scope = NewDisposeScope();
        Assert.Equal(2.5f, tensor(2.5f).to(TestDevice.Current).item<float>());
        Assert.Equal(7L, tensor(7L).to(TestDevice.Current).item<long>());
        Assert.ThrowsAny<Exception>(() => zeros(2).item<float>());
    }

    [Fact]
    public void Bytes_are_the_memory_itself()
    {
        using var x = zeros(2, int32);
        x.bytes[4] = 1;
        Assert.Equal([0, 1], x.data<int>().ToArray());
        x.bytes = new byte[] { 2, 0, 0, 0, 3, 0, 0, 0 };
        Assert.Equal([2, 3], x.data<int>().ToArray());
        Assert.Equal(0, zeros(0).bytes.Length);
    }

    [Fact, Covers("Allclose")]
    public void Allclose_takes_relative_and_absolute_tolerance()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[] { 100.0, 0 }, device: TestDevice.Current);
        Assert.True(allclose(x, x.add(1e-9)));
        Assert.False(allclose(x, x.add(1e-3)));
        Assert.True(allclose(x, x.add(1e-3), atol: 1e-2));
        Assert.True(allclose(x, x.mul(1.01), rtol: 0.1));
        Assert.False(allclose(full([1], double.NaN), full([1], double.NaN)));
        Assert.True(allclose(full([1], double.NaN), full([1], double.NaN), equal_nan: true));
    }

    [Fact]
    public void Disposing_twice_is_harmless_and_every_use_afterwards_is_refused()
    {
        var x = ones([2]);
        x.Dispose();
        x.Dispose();
        Assert.True(x.IsInvalid);
        Action[] uses =
        [
            () => x.add(1), () => x.add_(1), () => _ = x.shape, () => _ = x.dtype, () => x.item<float>(), () => x.data<float>(),
            () => _ = x.bytes.Length, () => _ = x.grad, () => x.requires_grad = true, () => x.backward(), () => x.split(1), () => cat([x, x]),
            () => _ = x[0], () => x.max(0), () => _ = new TorchSharp.Modules.Parameter(x),
        ];
        Assert.All(uses, use => Assert.Throws<ObjectDisposedException>(use));
        using var other = ones([2]);
        Assert.Throws<ObjectDisposedException>(() => other.add(x));
        Assert.Throws<ObjectDisposedException>(() => other.grad = x);
    }

    [Fact]
    public void An_abandoned_tensor_is_freed_by_the_garbage_collector()
    {
        var before = Tensor.TotalCount;
        Abandon();
        for (var i = 0; i < 20 && Tensor.TotalCount >= before + 1000; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.True(Tensor.TotalCount < before + 1000, $"{before} tensors before, {Tensor.TotalCount} after.");

        static void Abandon()
        {
            for (var i = 0; i < 1000; i++) _ = zeros(1);
        }
    }
}
