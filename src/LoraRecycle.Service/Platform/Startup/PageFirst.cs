namespace LoraRecycle.Service.Platform.Startup;

/// <summary>
/// Lets the page come first: what is heavy at a start waits here, for a second from when the server listens, or until somebody
/// asks for the model. Loading libtorch above all takes longer than all the rest of the start, and meanwhile the system's
/// loader lets no thread start and no native function be looked up, so that whoever asks for the page has to wait for it.
/// </summary>
internal sealed class PageFirst
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public PageFirst(TimeProvider time, IHostApplicationLifetime lifetime) =>
        lifetime.ApplicationStarted.Register(() => _ = EndSoonAsync(time));

    public void End() => _over.TrySetResult();

    /// <returns>False when it is over because the server ends.</returns>
    public async Task<bool> WaitAsync(CancellationToken stopping)
    {
        await _over.Task.WaitAsync(stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !stopping.IsCancellationRequested;
    }

    private async Task EndSoonAsync(TimeProvider time)
    {
        await Task.Delay(Longest, time);
        End();
    }
}
