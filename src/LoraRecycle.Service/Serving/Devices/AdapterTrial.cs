using LoraRecycle.Service.Serving.Models;

namespace LoraRecycle.Service.Serving.Devices;

/// <summary>Tries an adapter by a forward pass on every device that serves.</summary>
internal static class AdapterTrial
{
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(100);

    /// <exception cref="ModelFailureException">No device works.</exception>
    /// <exception cref="DeviceExhaustedException">A device has not enough memory left for a single image.</exception>
    /// <exception cref="AdapterMergeException">The meta-LoRA could not be merged into the model.</exception>
    public static async Task RunAsync(
        IReadOnlyList<ModelThread> all,
        ServedAdapter adapter,
        TimeProvider time,
        CancellationToken cancellation
    )
    {
        // One that is out of order loads it when it is back and first asked for it. When all are, trying tells why.
        var devices = all.Where(device => device.State == DeviceState.Ready).ToArray() is { Length: > 0 } ready ? ready : [.. all];
        var tried = await Task.WhenAll(devices.Select(device => RunAsync(device, adapter, devices.Length > 1, time, cancellation)));
        if (!tried.Contains(true))
            throw new ModelFailureException("No device is working.");
    }

    /// <returns>False when the device went out of order, which is in nobody's way while there are others.</returns>
    private static async Task<bool> RunAsync(
        ModelThread device,
        ServedAdapter adapter,
        bool hasOthers,
        TimeProvider time,
        CancellationToken cancellation
    )
    {
        var probe = device.ProbeAsync(adapter, cancellation);
        while (!probe.IsCompleted && !(hasOthers && device.State == DeviceState.Hanging))
            await Task.WhenAny(probe, Task.Delay(Glance, time, cancellation));
        if (!probe.IsCompleted)
            return false;
        try
        {
            await probe;
            return true;
        }
        catch (ModelFailureException) when (hasOthers && device.State != DeviceState.Ready)
        {
            return false;
        }
    }
}
