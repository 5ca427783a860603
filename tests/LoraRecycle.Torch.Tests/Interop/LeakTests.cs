using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LoraRecycle.Torch.Tests.Interop;

[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;

[Collection(nameof(Alone))]
public class LeakTests
{
    private const int Rounds = 4000;
    private const long AllowedBytes = 20 << 20;

    [Fact]
    public void A_hundred_thousand_calls_leave_neither_handles_nor_memory_behind()
    {
        for (var i = 0; i < Rounds / 10; i++) Round(i);
        var (tensors, memory) = (Settled(), ResidentBytes());
        for (var i = 0; i < Rounds; i++) Round(i);
        Assert.InRange(Settled(), 0, tensors);
        Assert.InRange(ResidentBytes() - memory, long.MinValue, AllowedBytes);
    }

    /// <summary>More than 25 calls: results that are tensors, tuples, lists and numbers, in place, with gradients, and failing.</summary>
    private static void Round(int number)
    {
        using var scope = NewDisposeScope();
        // 16 kB each, so that one kept in each round would be seen.
        var x = ones([8, 512], requires_grad: true);
        var wide = x.mul(2).add(1);
        wide.detach().clone().add_(1);
        var (values, indexes) = wide.max(1);
        wide.chunk(4, 1);
        var y = wide.matmul(x.T).relu().softmax(-1);
        var parts = y.split(2);
        var rest = cat([.. parts, .. y.unbind().Select(row => row.unsqueeze(0))]);
        autograd.grad([rest.sum()], [x], retain_graph: true);
        functional.cross_entropy(rest, zeros(16, int64)).backward();
        x.grad = x.grad!.mul(2);
        wide.detach()[TensorIndex.Single(1), TensorIndex.Slice(0, 2)].add_(1);
        values.max().item<float>();
        indexes.data<long>().ToArray();
        // What no scope owns is freed by hand.
        zeros(4).DetachFromDisposeScope().Dispose();
        using (no_grad()) _ = x.sum();
        // A C++ exception takes milliseconds, for it records where it was thrown.
        if (number % 20 != 0) return;
        Assert.Throws<TorchException>(() => y.matmul(ones([3, 3])));
        Assert.Throws<ArgumentNullException>(() => cat([x, null!]));
    }

    private static long Settled()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        return Tensor.TotalCount;
    }

    private static long ResidentBytes() => long.Parse(File.ReadAllText("/proc/self/statm").Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture) * Environment.SystemPageSize;
}
