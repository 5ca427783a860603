using static TorchSharp.torch;

namespace LoraRecycle.Torch.Tests.Tensors;

public class TensorAccessorTests
{
    [Fact]
    public void Elements_come_in_row_major_order_whatever_the_strides_are()
    {
        using var scope = NewDisposeScope();
        var x = arange(6, dtype: float32).reshape(2, 3);
        Assert.Equal([0f, 1, 2, 3, 4, 5], x.data<float>().ToArray());
        Assert.Equal([0f, 3, 1, 4, 2, 5], x.T.data<float>().ToArray());
        Assert.Equal([0f, 3, 1, 4, 2, 5], x.T.data<float>());
        Assert.Equal(5f, x.T.data<float>()[2, 1]);
        Assert.Equal([1f, 4], x[TensorIndex.Colon, TensorIndex.Single(1)].data<float>().ToArray());
    }

    [Fact]
    public void Writes_reach_the_tensor()
    {
        using var scope = NewDisposeScope();
        var x = zeros([2, 3]);
        x.T.data<float>()[2, 1] = 7;
        x.data<float>().CopyFrom([1, 2], tensorIndex: 1);
        x.T.data<float>().CopyFrom(new float[] { 8 }, tensorIndex: 1);
        Assert.Equal([0f, 1, 2, 8, 0, 7], x.data<float>().ToArray());
    }

    [Fact]
    public void Parts_are_copied_from_where_they_are_asked_for()
    {
        using var x = arange(4, dtype: int64);
        var target = new long[5];
        x.data<long>().CopyTo(target, arrayIndex: 2, tensorIndex: 1);
        Assert.Equal([0L, 0, 1, 2, 3], target);
    }

    [Fact]
    public void Nothing_outside_of_the_tensor_is_read_or_written()
    {
        using var x = zeros([2, 3]);
        var data = x.data<float>();
        Assert.ThrowsAny<ArgumentException>(() => data[2, 0]);
        Assert.ThrowsAny<ArgumentException>(() => data[0, -1]);
        Assert.ThrowsAny<ArgumentException>(() => data[0]);
        Assert.ThrowsAny<ArgumentException>(() => data[0, 3] = 1);
        Assert.ThrowsAny<ArgumentException>(() => data.CopyTo(new float[5]));
        Assert.ThrowsAny<ArgumentException>(() => data.CopyTo(new float[9], tensorIndex: -1));
        Assert.ThrowsAny<ArgumentException>(() => data.CopyTo(new float[9], tensorIndex: 7));
        Assert.ThrowsAny<ArgumentException>(() => data.CopyFrom(new float[7]));
        Assert.ThrowsAny<ArgumentException>(() => data.CopyFrom(new float[1], tensorIndex: -1));
    }

    [Fact]
    public void The_element_type_must_be_the_tensors()
    {
        using var x = zeros(2);
        var error = Assert.Throws<ArgumentException>(() => x.data<double>());
        Assert.Contains("Float32", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_disposed_tensor_is_not_read()
    {
        var x = zeros(2);
        var data = x.data<float>();
        x.Dispose();
        Assert.Throws<ObjectDisposedException>(() => data[0]);
        Assert.Throws<ObjectDisposedException>(() => data[0] = 1);
        Assert.Throws<ObjectDisposedException>(() => data.ToArray());
        Assert.Throws<ObjectDisposedException>(() => data.CopyTo(new float[2]));
        Assert.Throws<ObjectDisposedException>(() => data.CopyFrom(new float[2]));
    }
}
