using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace LoraRecycle.Torch.Tests.Tensors;

public class IndexingTests
{
    [Fact]
    public void Positions_of_all_kinds_combine()
    {
        using var scope = NewDisposeScope();
        var x = arange(24, dtype: float32).reshape(2, 3, 4);
        Assert.Equal([20f, 21, 22, 23], x[1, 2].data<float>().ToArray());
        Assert.Equal([1f, 5, 9], x[0, TensorIndex.Colon, 1].data<float>().ToArray());
        Assert.Equal([13f, 17, 21], x[TensorIndex.Single(1), TensorIndex.Ellipsis, TensorIndex.Single(1)].data<float>().ToArray());
        Assert.Equal([1L, 2, 3, 1, 4], x[TensorIndex.None, TensorIndex.Ellipsis, TensorIndex.None, TensorIndex.Colon].shape);
        Assert.Equal([8f, 9, 10, 11, 0, 1, 2, 3], x[TensorIndex.Single(0), TensorIndex.Tensor(tensor(new long[] { 2, 0 }))].data<float>().ToArray());
        Assert.Equal([2L, 3, 2], x[TensorIndex.Ellipsis, TensorIndex.Tensor(tensor(new long[] { 2, 0 }))].shape);
    }

    [Fact]
    public void An_indexed_part_is_a_view_that_can_be_assigned()
    {
        using var scope = NewDisposeScope();
        var x = zeros([2, 3]);
        x[TensorIndex.Single(0)] = tensor(new float[] { 1, 2, 3 });
        x[TensorIndex.Ellipsis, TensorIndex.Slice(1, 3)] = tensor(9f);
        x[TensorIndex.Tensor(tensor(new[] { false, true })), TensorIndex.Single(0)] = tensor(5f);
        Assert.Equal([1f, 9, 9, 5, 9, 9], x.data<float>().ToArray());
        x[0].fill_(4);
        Assert.Equal([4f, 4, 4, 5, 9, 9], x.data<float>().ToArray());
    }

    [Fact]
    public void An_index_out_of_range_is_refused_with_the_shape()
    {
        using var scope = NewDisposeScope();
        var x = zeros([2, 3]);
        var error = Assert.ThrowsAny<ExternalException>(() => x[5]);
        Assert.Contains("[2, 3]", error.Message, StringComparison.Ordinal);
        Assert.ThrowsAny<ExternalException>(() => x[tensor(new long[] { 2 })]);
        Assert.ThrowsAny<ExternalException>(() => x.index_select(1, tensor(new long[] { -4 })));
        Assert.ThrowsAny<Exception>(() => x[TensorIndex.Single(0), TensorIndex.Single(0), TensorIndex.Single(0)]);
        Assert.ThrowsAny<Exception>(() => x[TensorIndex.Ellipsis, TensorIndex.Ellipsis]);
    }
}
