using LoraRecycle.Core.Method.Inversion.Optimization;

namespace LoraRecycle.Core.Method.Inversion.Building;

/// <summary>Sums up how far the units of several devices are, and reports it from one thread at a time.</summary>
internal sealed class PoolMeter(int loras, int iterations, IProgress<PoolProgress>? progress)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Unit, InversionProgress> _running = [];
    private int _done;

    /// <summary>A unit begins; what it reports to must be disposed when it ends, in whatever way.</summary>
    public Unit Begin(IReadOnlyList<string> names) => new(this, names);

    /// <summary>LoRAs are finished, or were before.</summary>
    public void Finish(int count)
    {
        lock (_gate) _done += count;
    }

    private void Report(Unit unit, InversionProgress value)
    {
        lock (_gate)
        {
            _running[unit] = value;
            var losses = _running.Values.SelectMany(running => running.Losses).Where(float.IsFinite).ToArray();
            progress?.Report(
                new PoolProgress(
                    _done,
                    loras,
                    [.. _running.Keys.SelectMany(running => running.Names)],
                    ((long)_done * iterations) + _running.Sum(running => (long)running.Key.Names.Count * running.Value.Iteration),
                    (long)loras * iterations,
                    losses.Length == 0 ? double.NaN : losses.Average()
                )
            );
        }
    }

    private void End(Unit unit)
    {
        lock (_gate) _running.Remove(unit);
    }

    internal sealed class Unit(PoolMeter meter, IReadOnlyList<string> names) : IProgress<InversionProgress>, IDisposable
    {
        public IReadOnlyList<string> Names => names;

        public void Report(InversionProgress value) => meter.Report(this, value);

        public void Dispose() => meter.End(this);
    }
}
