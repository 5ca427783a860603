using static TorchSharp.torch;

namespace LoraRecycle.Torch.Tests;

public class FirstStepsTests
{
    [Fact]
    public void A_product_and_its_gradient_are_what_algebra_says()
    {
        using var scope = NewDisposeScope();
        var a = tensor(new float[] { 1, 2, 3, 4 }, [2, 2], requires_grad: true);
        var b = tensor(new float[] { 5, 6, 7, 8 }, [2, 2]);
        var product = a.matmul(b);
        Assert.Equal([19f, 22, 43, 50], product.data<float>().ToArray());
        product.sum().backward();
        Assert.Equal([11f, 15, 11, 15], a.grad!.data<float>().ToArray());
    }

    [Fact]
    public void A_wrong_shape_names_the_operator_and_the_shapes()
    {
        using var scope = NewDisposeScope();
        var error = Assert.Throws<TorchException>(() => ones([2, 3]).matmul(ones([2, 3])));
        Assert.Contains("aten::matmul(self: Float[2, 3] cpu, other: Float[2, 3] cpu)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Adam_walks_down_a_parabola()
    {
        using var x = new TorchSharp.Modules.Parameter(tensor(new float[] { 3, -2 }));
        using var adam = optim.Adam([x], lr: 0.1);
        for (var i = 0; i < 300; i++)
        {
            using var scope = NewDisposeScope();
            adam.zero_grad();
            x.square().sum().backward();
            adam.step();
        }
        Assert.All(x.data<float>().ToArray(), value => Assert.InRange(value, -0.01f, 0.01f));
    }

    [Fact]
    public void Indexing_takes_slices_numbers_and_tensors()
    {
        using var scope = NewDisposeScope();
        var x = arange(24, float32).reshape(2, 3, 4);
        Assert.Equal([20f, 21, 22, 23], x[1, 2].data<float>().ToArray());
        Assert.Equal([1f, 5, 9], x[0, TensorIndex.Colon, 1].data<float>().ToArray());
        Assert.Equal([13f, 17, 21], x[TensorIndex.Single(1), TensorIndex.Ellipsis, TensorIndex.Single(1)].data<float>().ToArray());
        var rows = tensor(new long[] { 2, 0 });
        Assert.Equal([8f, 9, 10, 11, 0, 1, 2, 3], x[TensorIndex.Single(0), TensorIndex.Tensor(rows)].data<float>().ToArray());
    }
}
