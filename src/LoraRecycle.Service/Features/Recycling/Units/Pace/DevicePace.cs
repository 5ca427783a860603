using LoraRecycle.Core.Method.Inversion.Optimization;
using LoraRecycle.Service.Serving.Traffic;
using TorchSharp;

namespace LoraRecycle.Service.Features.Recycling.Units.Pace;

/// <summary>
/// Keeps a unit to its share of a device while requests come: after each iteration it leaves the device alone for as long as
/// the share says, and for a little longer while a request waits. When none came lately it takes all of it.
/// </summary>
/// <param name="device">The unit's.</param>
/// <param name="share">Over 0 and up to 1.</param>
/// <param name="traffic">Requests to this process; null where it answers none, and the share always holds.</param>
/// <param name="time">The clock.</param>
internal sealed class DevicePace(torch.Device device, double share, ServingTraffic? traffic, TimeProvider time)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(2);

    /// <summary>However many requests come, the job goes on: this much longer than its share asks it waits for them.</summary>
    private const double Patience = 2;

    private long _resumed = time.GetTimestamp();

    /// <summary>As <see cref="LoraInverter.Pace"/>.</summary>
    public void Wait(CancellationToken cancellation)
    {
        if (share < 1 && (traffic is null || traffic.IsRecent))
        {
            // Kernels are only queued by now; what is counted is the time that the device takes for them.
            if (device.type == DeviceType.CUDA)
                torch.cuda.synchronize(device);
            var (paused, pause) = (time.GetTimestamp(), time.GetElapsedTime(_resumed) * ((1 - share) / share));
            while (!cancellation.IsCancellationRequested && time.GetElapsedTime(paused) is var waited
                && (waited < pause || (traffic is { IsWaiting: true } && waited < pause * Patience)))
                cancellation.WaitHandle.WaitOne(waited < pause && pause - waited > Look ? pause - waited : Look);
        }
        _resumed = time.GetTimestamp();
    }
}
