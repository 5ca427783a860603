using LoraRecycle.Service.Features.Recycling.Settings;
using LoraRecycle.Service.Serving.Traffic;
using Microsoft.Extensions.Options;
using TorchSharp;

namespace LoraRecycle.Service.Features.Recycling.Units.Pace;

/// <summary>Makes the pace of a unit from the settings.</summary>
internal sealed class PaceFactory(ServingTraffic traffic, IOptions<JobsOptions> options, TimeProvider time)
{
    public DevicePace For(torch.Device device)
    {
        var serves = options.Value.Role != JobRole.Worker;
        return new DevicePace(device, options.Value.DeviceShare ?? (serves ? 0.5 : 1), serves ? traffic : null, time);
    }
}
