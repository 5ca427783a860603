using static TorchSharp.torch;

namespace LoraRecycle.Torch.Tests.Interop;

public class ThreadSafetyTests
{
    [Fact]
    public void Disposing_while_others_compute_is_an_exception_at_worst()
    {
        for (var round = 0; round < 200; round++)
        {
            var shared = ones([64, 64]);
            var data = shared.data<float>();
            Action[] uses =
            [
                () => shared.matmul(shared).Dispose(), () => cat([shared, shared]).Dispose(), () => shared.item<float>(), () => _ = shared.shape,
                () => _ = data[3, 3], () => data.ToArray(), () => shared.grad = shared, () => shared.add_(1), shared.Dispose,
            ];
            Parallel.ForEach(uses, use =>
            {
                // item<float> has more than one element to choose from.
                var error = Record.Exception(use);
                Assert.True(error is null or ObjectDisposedException or InvalidOperationException, error?.ToString());
            });
            shared.Dispose();
        }
    }

    [Fact]
    public void One_generator_serves_many_threads()
    {
        using var generator = new Generator(1);
        Parallel.For(0, 200, i =>
        {
            using var scope = NewDisposeScope();
            _ = rand([100], generator: generator);
            if (i % 10 == 0) generator.set_state(generator.get_state());
            if (i % 17 == 0) generator.manual_seed(i);
        });
        using var drawn = rand([100], generator: generator);
        Assert.All(drawn.data<float>().ToArray(), value => Assert.InRange(value, 0, 1));
    }

    [Fact]
    public void Tensors_of_one_scope_may_be_disposed_on_many_threads()
    {
        using var scope = NewDisposeScope();
        var tensors = Enumerable.Range(0, 2000).Select(_ => zeros(1)).ToArray();
        Parallel.ForEach(tensors, tensor => tensor.Dispose());
        Assert.Equal(0, scope.DisposablesCount);
    }
}
