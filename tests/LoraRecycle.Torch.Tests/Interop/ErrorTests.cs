using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LoraRecycle.Torch.Tests.Interop;

public class ErrorTests
{
    private static void Says(Action action, params string[] parts)
    {
        using var scope = NewDisposeScope();
        var error = Assert.ThrowsAny<TorchException>(action);
        Assert.All(parts, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void A_wrong_shape_names_the_operator_the_shapes_and_the_way_out() =>
        Says(() => ones([2, 3]).matmul(ones([2, 3])), "aten::matmul(self: Float[2, 3] cpu, other: Float[2, 3] cpu)", "Transpose or reshape");

    [Fact]
    public void Sizes_that_do_not_broadcast_are_named() => Says(() => ones([2, 3]).add(ones([4])), "aten::add(", "[2, 3]", "[4]", "reshape or unsqueeze");

    [Fact]
    public void A_wrong_dtype_is_named() =>
        Says(() => ones([2, 3]).matmul(ones([3, 2], float64)), "self: Float[2, 3]", "other: Double[3, 2]", "to(ScalarType)");

    [Fact]
    public void An_operator_that_a_dtype_lacks_says_so() => Says(() => ones([2], int64).softmax(0), "aten::softmax", "Long", "to(ScalarType.Float32)");

    [Fact]
    public void Tensors_on_different_devices_are_named() =>
        Says(() => ones([2]).add(ones([2], device: device("meta"))), "cpu", "meta", "to(device)");

    [Fact]
    public void Cuda_without_cuda_says_how_to_get_it()
    {
        if (cuda.is_available())
        {
            Says(() => zeros(1, device: device("cuda:99")), "aten::zeros");
            return;
        }
        Says(() => zeros(1, device: CUDA), "aten::zeros", "device: cuda", "LIBTORCH=<dir>");
        Says(() => ones([1]).cuda(), "aten::to", "LIBTORCH=<dir>");
        Says(() => _ = new Generator(1, CUDA), "Generator", "LIBTORCH=<dir>");
        Says(() => cuda.synchronize(), "cuda.synchronize", "LIBTORCH=<dir>");
    }

    [Fact]
    public void A_missing_tensor_is_named() => Says(() => ones([1]).add((Tensor)null!), "aten::add", "'other' must not be null");

    [Fact]
    public void A_missing_tensor_in_a_list_is_named_by_its_position()
    {
        using var x = ones([1]);
        Assert.Contains("position 1", Assert.Throws<ArgumentNullException>(() => cat([x, null!])).Message, StringComparison.Ordinal);
        Assert.Contains("position 0", Assert.Throws<ArgumentNullException>(() => autograd.backward([null!])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentNullException>(() => cat(null!));
    }

    [Fact]
    public void An_index_out_of_range_is_named() => Says(() => ones([2, 3]).gather(0, tensor(new long[] { 9 }, [1, 1])), "aten::gather", "index 9");

    [Fact]
    public void A_label_beyond_the_classes_is_named() => Says(() => functional.cross_entropy(ones([1, 3]), tensor(new long[] { 7 })), "aten::cross_entropy_loss", "7");

    [Fact]
    public void Memory_that_is_not_there_is_an_exception_of_its_own()
    {
        var error = Assert.Throws<DeviceMemoryException>(() => zeros([1L << 50]));
        Assert.Contains("1125899906842624", error.Message, StringComparison.Ordinal);
        Assert.Contains("smaller batch", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_size_beyond_all_memory_is_refused() => Says(() => zeros([1L << 40, 1L << 40]), "aten::zeros", "1099511627776");

    [Fact]
    public void Backward_without_a_graph_says_what_is_missing() => Says(() => ones([1]).sum().backward(), "backward", "requires_grad");

    [Fact]
    public void A_leaf_is_not_changed_under_a_graph() => Says(() => ones([1], requires_grad: true).add_(1), "no_grad()");

    [Fact]
    public void A_gradient_of_another_shape_is_refused() => Says(() => ones([3]).grad = ones([4]), "[3]", "[4]");

    [Fact]
    public void A_state_that_is_no_generators_is_refused()
    {
        using var generator = new Generator(1);
        Says(() => generator.set_state(ones([3])), "Generator.set_state");
        Says(() => generator.set_state(zeros(5056, uint8)), "Generator.set_state");
        generator.Dispose();
        generator.Dispose();
        Assert.Throws<ObjectDisposedException>(generator.get_state);
        Assert.Throws<ObjectDisposedException>(() => rand([1], generator: generator));
    }

    [Fact]
    public void A_dtype_that_libtorch_does_not_know_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => zeros(1, (ScalarType)99));

    [Fact]
    public void A_mode_ended_on_another_thread_is_refused_and_still_ends_on_its_own()
    {
        IDisposable[] modes = [no_grad(), inference_mode()];
        foreach (var mode in modes.Reverse())
        {
            Exception? elsewhere = null;
            var thread = new Thread(() => elsewhere = Record.Exception(mode.Dispose));
            thread.Start();
            thread.Join();
            Assert.IsType<InvalidOperationException>(elsewhere);
            mode.Dispose();
            mode.Dispose();
        }
        Assert.True(is_grad_enabled());
        using var x = ones([1], requires_grad: true);
    }
}
