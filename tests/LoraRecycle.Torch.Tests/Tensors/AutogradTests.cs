using System.Runtime.InteropServices;
using LoraRecycle.Torch.Tests.Numerics;
using static TorchSharp.torch;

namespace LoraRecycle.Torch.Tests.Tensors;

public class AutogradTests
{
    private static Tensor Leaf(params double[] values) => tensor(values, device: TestDevice.Current, requires_grad: true);

    private static double[] Values(Tensor? tensor) => NdArray.FromTensor(tensor!).Values;

    [Fact]
    public void Gradients_accumulate_until_they_are_cleared()
    {
        using var scope = NewDisposeScope();
        var x = Leaf(2, 3);
        x.square().sum().backward();
        x.square().sum().backward();
        Assert.Equal([8.0, 12], Values(x.grad));
        x.grad = null;
        Assert.Null(x.grad);
        x.square().sum().backward();
        Assert.Equal([4.0, 6], Values(x.grad));
    }

    [Fact]
    public void A_vector_output_takes_the_gradient_it_is_given()
    {
        using var scope = NewDisposeScope();
        var x = Leaf(2, 3);
        x.square().backward([NdArray.Of(1, -1).ToTensor()]);
        Assert.Equal([4.0, -6], Values(x.grad));
    }

    [Fact]
    public void Grad_returns_gradients_and_leaves_the_leaves_alone()
    {
        using var scope = NewDisposeScope();
        var (x, y, unused) = (Leaf(2, 3), Leaf(5, 7), Leaf(1));
        var gradients = autograd.grad([x.mul(y).sum()], [x, y, unused], allow_unused: true);
        Assert.Equal([5.0, 7], Values(gradients[0]));
        Assert.Equal([2.0, 3], Values(gradients[1]));
        Assert.Null(gradients[2]);
        Assert.Null(x.grad);
        Assert.ThrowsAny<ExternalException>(() => autograd.grad([x.sum()], [unused]));
    }

    [Fact]
    public void A_gradient_can_be_differentiated_again()
    {
        using var scope = NewDisposeScope();
        var x = Leaf(2, 3);
        var first = autograd.grad([x.pow(3).sum()], [x], create_graph: true)[0];
        Assert.Equal([12.0, 27], Values(first));
        Assert.Equal([12.0, 18], Values(autograd.grad([first.sum()], [x])[0]));
    }

    [Fact]
    public void A_graph_is_walked_twice_only_when_it_is_retained()
    {
        using var scope = NewDisposeScope();
        var x = Leaf(2);
        var loss = x.square().sum();
        loss.backward(retain_graph: true);
        loss.backward();
        Assert.Equal([8.0], Values(x.grad));
        Assert.ThrowsAny<ExternalException>(() => loss.backward());
    }

    [Fact]
    public void Only_the_inputs_asked_for_receive_gradients()
    {
        using var scope = NewDisposeScope();
        var (x, y) = (Leaf(2), Leaf(5));
        x.mul(y).sum().backward(inputs: [y]);
        Assert.Null(x.grad);
        Assert.Equal([2.0], Values(y.grad));
    }

    [Fact]
    public void Modes_nest_and_end_where_they_began()
    {
        using var scope = NewDisposeScope();
        var x = Leaf(1);
        Assert.True(is_grad_enabled());
        using (no_grad())
        {
            Assert.False(x.mul(2).requires_grad);
            using (enable_grad()) Assert.True(x.mul(2).requires_grad);
            using (set_grad_enabled(false)) Assert.False(is_grad_enabled());
            using (inference_mode())
            {
                Assert.False(x.mul(2).requires_grad);
                using (inference_mode(false)) Assert.True(x.mul(2).requires_grad);
            }
            Assert.False(is_grad_enabled());
        }
        Assert.True(x.mul(2).requires_grad);
        using (inference_mode()) Assert.False(x.mul(2).requires_grad);
        Assert.True(is_grad_enabled());
    }

    [Fact]
    public void A_mode_belongs_to_its_thread()
    {
        using var off = no_grad();
        Assert.True(OnAnotherThread(is_grad_enabled));
        Assert.False(is_grad_enabled());
    }

    [Fact]
    public void What_was_made_in_inference_mode_cannot_enter_a_graph()
    {
        using var scope = NewDisposeScope();
        Tensor made;
        using (inference_mode()) made = ones([2], float64, TestDevice.Current);
        Assert.ThrowsAny<ExternalException>(() => Leaf(1, 2).mul(made).sum().backward());
        Leaf(1, 2).mul(made.clone()).sum().backward();
    }

    [Fact]
    public void Detached_tensors_carry_no_gradient()
    {
        using var scope = NewDisposeScope();
        var x = Leaf(2);
        x.mul(x.detach()).sum().backward();
        Assert.Equal([2.0], Values(x.grad));
        Assert.False(x.detach().requires_grad);
        Assert.True(x.is_leaf);
        Assert.False(x.mul(1).is_leaf);
    }

    private static T OnAnotherThread<T>(Func<T> work)
    {
        var result = default(T);
        var thread = new Thread(() => result = work());
        thread.Start();
        thread.Join();
        return result!;
    }
}
