namespace LoraRecycle.Service.Features.Recycling.Units;

/// <summary>Ends the units of this process when it is asked to stop.</summary>
internal sealed class WorkerStop(IHostApplicationLifetime lifetime)
{
    public CancellationToken Token => lifetime.ApplicationStopping;
}
