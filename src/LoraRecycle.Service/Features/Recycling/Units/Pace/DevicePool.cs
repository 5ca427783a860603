using System.Collections.Concurrent;
using LoraRecycle.Service.Features.Recycling.Settings;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Features.Recycling.Units.Pace;

/// <summary>The devices of this worker, each of which is one unit's at a time. Quartz runs no more units than there are.</summary>
internal sealed class DevicePool
{
    private readonly ConcurrentQueue<string> _free;

    public DevicePool(IOptions<JobsOptions> options) => _free = new(options.Value.Devices);

    /// <returns>A device's name, until it is disposed of; null where all are taken.</returns>
    public Loan? Take() => _free.TryDequeue(out var device) ? new Loan(this, device) : null;

    internal sealed class Loan(DevicePool pool, string device) : IDisposable
    {
        private int _isReturned;

        public string Device => device;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isReturned, 1) == 0)
                pool._free.Enqueue(device);
        }
    }
}
