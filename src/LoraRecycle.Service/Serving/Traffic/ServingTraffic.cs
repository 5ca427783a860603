namespace LoraRecycle.Service.Serving.Traffic;

/// <summary>Whether requests want the model: those under way, and when the last one ended.</summary>
internal sealed class ServingTraffic(TimeProvider time)
{
    private static readonly TimeSpan Recent = TimeSpan.FromSeconds(2);

    private readonly TimeProvider _time = time;
    private int _underWay;
    private long _lastEnded = long.MinValue;

    public bool IsWaiting => Volatile.Read(ref _underWay) > 0;

    /// <summary>Whether there are any, or were a moment ago.</summary>
    public bool IsRecent =>
        IsWaiting || (Volatile.Read(ref _lastEnded) is not long.MinValue and var last && _time.GetElapsedTime(last) < Recent);

    /// <summary>A request begins; dispose of what comes when it ends.</summary>
    public IDisposable Begin()
    {
        Interlocked.Increment(ref _underWay);
        return new UnderWay(this);
    }

    private sealed class UnderWay(ServingTraffic traffic) : IDisposable
    {
        public void Dispose()
        {
            Volatile.Write(ref traffic._lastEnded, traffic._time.GetTimestamp());
            Interlocked.Decrement(ref traffic._underWay);
        }
    }
}
