using System.Collections.Concurrent;
using LoraRecycle.Core.Foundation.Devices;
using TorchSharp;

namespace LoraRecycle.Core.Tests.Devices;

public sealed class DeviceThreadsTests
{
    [Fact]
    public void Every_worker_has_a_thread_of_its_own_that_begins_without_the_callers_modes()
    {
        using var frozen = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        var seen = new ConcurrentDictionary<int, (int Thread, bool Grad)>();
        using var barrier = new Barrier(2);
        DeviceThreads.Run([1, 2], (worker, cancellation) =>
        {
            barrier.SignalAndWait(cancellation); // both at once, or for ever
            using var x = torch.ones([2]).requires_grad_();
            seen[worker] = (Environment.CurrentManagedThreadId, (x * 2).requires_grad);
        }, TestContext.Current.CancellationToken);
        Assert.Equal(2, seen.Values.Select(value => value.Thread).Distinct().Count());
        Assert.All(seen.Values, value => Assert.True(value.Grad));
        Assert.Equal(0, scope.DisposablesCount);
    }

    [Fact]
    public void One_failure_ends_the_others_and_is_thrown_once()
    {
        var cancelled = false;
        var failure = Assert.Throws<InvalidOperationException>(() => DeviceThreads.Run([1, 2], (worker, stop) =>
        {
            if (worker == 1) throw new InvalidOperationException("the first");
            stop.WaitHandle.WaitOne();
            cancelled = true;
            stop.ThrowIfCancellationRequested();
        }, TestContext.Current.CancellationToken));
        Assert.Equal(("the first", true), (failure.Message, cancelled));
    }

    [Fact]
    public void Cancelling_is_told_after_every_worker_has_ended()
    {
        using var cancelling = new CancellationTokenSource();
        var ended = 0;
        Assert.Throws<OperationCanceledException>(() => DeviceThreads.Run([1, 2], (worker, stop) =>
        {
            if (worker == 1) cancelling.Cancel();
            stop.WaitHandle.WaitOne();
            Interlocked.Increment(ref ended);
            stop.ThrowIfCancellationRequested();
        }, cancelling.Token));
        Assert.Equal(2, ended);
    }
}
