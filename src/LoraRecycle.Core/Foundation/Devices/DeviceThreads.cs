using System.Runtime.ExceptionServices;
using TorchSharp;

namespace LoraRecycle.Core.Foundation.Devices;

/// <summary>
/// Work on several devices at once, a thread each. A thread begins with libtorch's modes as they are by default (gradients
/// on, no dispose scope), and computes with as many CPU threads as its caller, on which sums on a CPU depend.
/// </summary>
public static class DeviceThreads
{
    /// <param name="workers">What each thread works with: a model on its device, say.</param>
    /// <param name="work">Runs once for each; its token also ends when another one failed.</param>
    /// <param name="cancellation">Ends all of them.</param>
    /// <exception cref="OperationCanceledException">It was cancelled; every thread has ended.</exception>
    /// <exception cref="Exception">What the first one to fail threw; every thread has ended.</exception>
    public static void Run<T>(IReadOnlyList<T> workers, Action<T, CancellationToken> work, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(workers);
        ArgumentNullException.ThrowIfNull(work);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var computeThreads = torch.get_num_threads();
        ExceptionDispatchInfo? failure = null;
        var threads = workers
            .Select((worker, index) => new Thread(() => Guarded(worker)) { Name = $"device {index}", IsBackground = true })
            .ToArray();
        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            thread.Join();
        failure?.Throw();
        cancellation.ThrowIfCancellationRequested();

        void Guarded(T worker)
        {
            try
            {
                torch.set_num_threads(computeThreads);
                work(worker, stop.Token);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                // Somebody else's failure, or the caller's wish: said once, above.
            }
            catch (Exception exception)
            {
                Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(exception), null);
                stop.Cancel();
            }
        }
    }
}
