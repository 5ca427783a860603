using LoraRecycle.Service.Features.Recycling.Jobs;
using LoraRecycle.Service.Platform.Storage;

namespace LoraRecycle.Service.Features.Recycling.Units;

/// <summary>
/// While a unit is worked on: says so to the others, tells them how far it is, and ends the work when it is not this
/// worker's any more or nobody needs it.
/// </summary>
internal sealed class UnitHeartbeat(
    UnitClaims claims,
    JobSignals signals,
    UnitClaim claim,
    LatestProgress latest,
    CancellationTokenSource work
) : IDisposable
{
    private readonly CancellationTokenSource _stop = new();

    public ClaimStatus Status { get; private set; } = ClaimStatus.Held;

    public async Task RunAsync(TimeSpan beat)
    {
        while (!_stop.IsCancellationRequested)
        {
            var next = signals.Next;
            try
            {
                Status = await claims.RenewAsync(claim, latest.Take(), _stop.Token);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception) when (StateFailures.IsUnavailable(exception))
            {
                // The work goes on; if the database stays away, somebody else will have started the unit when it is back.
            }
            if (Status != ClaimStatus.Held)
            {
                await work.CancelAsync();
                return;
            }
            try
            {
                await signals.WaitAsync(next, beat, _stop.Token);
                await Task.Delay(beat / 5, _stop.Token); // signals may come fast
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>Ends it, and waits until it has.</summary>
    public async Task StopAsync(Task running)
    {
        await _stop.CancelAsync();
        await running;
    }

    public void Dispose() => _stop.Dispose();
}
