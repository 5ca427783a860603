using LoraRecycle.Service.Serving.ActiveAdapter;
using LoraRecycle.Service.Serving.Configuration;
using LoraRecycle.Service.Serving.Devices;
using LoraRecycle.Service.Serving.Models;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Features.Health;

/// <summary>
/// Healthy when every device does a forward pass within the deadline, degraded when some do and so still serve. Those who
/// ask at once share one pass of a device, and a pass that hangs is waited for again and not joined by others, so asking
/// costs a hung device nothing.
/// </summary>
internal sealed class ForwardPassCheck(ServingDevices devices, ActiveMetaLora active, IOptions<HealthOptions> options, TimeProvider time)
    : IHealthCheck
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ModelThread, Task> _passes = [];

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (!devices.Model.IsCompleted)
            return HealthCheckResult.Unhealthy(Loading());
        if (!devices.Model.IsCompletedSuccessfully)
            return HealthCheckResult.Unhealthy("The model could not be loaded.");
        var found = await Task.WhenAll(devices.All.Select(device => CheckAsync(device, cancellationToken)));
        var data = devices.All.Zip(found).ToDictionary(pair => pair.First.Name, object (pair) => pair.Second ?? "Ready.");
        var (model, inOrder) = (await devices.Model, found.Count(problem => problem is null));
        var status = inOrder == found.Length ? HealthStatus.Healthy : inOrder > 0 ? HealthStatus.Degraded : HealthStatus.Unhealthy;
        return new HealthCheckResult(status, $"{model.Id} is ready on {inOrder} of {found.Length} devices.", data: data);
    }

    private string Loading() =>
        devices.All.Count == 0 ? "The model is being loaded."
        : devices.All.Where(device => device.State == DeviceState.Loading).Select(device => device.Name).ToArray()
            is { Length: > 0 } loading
            ? $"The model is being loaded on {string.Join(", ", loading)}."
        : "The model is loaded and will serve in a moment.";

    /// <returns>What is wrong with the device; null when nothing is.</returns>
    private async Task<string?> CheckAsync(ModelThread device, CancellationToken cancellation)
    {
        if (device.State == DeviceState.Lost)
            return "The model could not be loaded on this device, or its thread ended.";
        try
        {
            await Pass(device).WaitAsync(options.Value.Deadline, time, cancellation);
            return null;
        }
        catch (TimeoutException)
        {
            return $"No forward pass ended within {options.Value.Deadline.TotalSeconds} s: the device hangs, or Health:Deadline is too "
                + "short for it.";
        }
        catch (Exception exception) when (exception is ModelFailureException or AdapterMergeException or DeviceExhaustedException)
        {
            return "The forward pass failed.";
        }
    }

    private Task Pass(ModelThread device)
    {
        lock (_gate)
            return _passes.TryGetValue(device, out var underWay) && !underWay.IsCompleted
                ? underWay
                : _passes[device] = device.ProbeAsync(active.Current, CancellationToken.None);
    }
}
