using LoraRecycle.Service.MetaLoras;
using LoraRecycle.Service.Serving;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Health;

/// <summary>
/// Healthy when the device does a forward pass within the deadline. Those who ask at once share one pass, and a pass that
/// hangs is waited for again and not joined by others, so asking costs a hung device nothing.
/// </summary>
internal sealed class ForwardPassCheck(IImageEmbedder embedder, ActiveMetaLora active, IOptions<HealthOptions> options, TimeProvider time) : IHealthCheck
{
    private readonly Lock _gate = new();
    private Task? _pass;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (!embedder.Model.IsCompleted)
            return HealthCheckResult.Unhealthy("The model is being loaded.");
        if (!embedder.Model.IsCompletedSuccessfully)
            return HealthCheckResult.Unhealthy("The model could not be loaded.");
        var model = await embedder.Model;
        try
        {
            await Pass().WaitAsync(options.Value.Deadline, time, cancellationToken);
            return HealthCheckResult.Healthy($"{model.Id} is ready on {model.Device}.");
        }
        catch (TimeoutException)
        {
            return HealthCheckResult.Unhealthy($"{model.Device} has not done a forward pass within {options.Value.Deadline.TotalSeconds} s; it hangs, or Health:Deadline is too short for it.");
        }
        catch (Exception exception) when (exception is ModelFailureException or WearingException)
        {
            return HealthCheckResult.Unhealthy($"The forward pass on {model.Device} failed.", exception);
        }
    }

    private Task Pass()
    {
        lock (_gate)
            return _pass is { IsCompleted: false } underWay ? underWay : _pass = embedder.ProbeAsync(active.Current);
    }
}
