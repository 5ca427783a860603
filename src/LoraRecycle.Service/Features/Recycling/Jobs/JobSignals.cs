namespace LoraRecycle.Service.Features.Recycling.Jobs;

/// <summary>
/// Tells those who wait in this process that some job changed, so that they look at once. What happens in other processes
/// they see when they look by themselves.
/// </summary>
internal sealed class JobSignals(TimeProvider time)
{
    private TaskCompletionSource _next = New();

    /// <summary>Completes with the next change. Take it before looking, and nothing is missed.</summary>
    public Task Next => Volatile.Read(ref _next).Task;

    public void Pulse() => Interlocked.Exchange(ref _next, New()).TrySetResult();

    /// <summary>Waits for a change, or for a while.</summary>
    public async Task WaitAsync(Task next, TimeSpan atMost, CancellationToken cancellation)
    {
        try
        {
            await next.WaitAsync(atMost, time, cancellation);
        }
        catch (TimeoutException)
        {
            // Time to look at what others did.
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
