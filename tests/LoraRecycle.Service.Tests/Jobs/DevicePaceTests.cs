using LoraRecycle.Service.Features.Recycling.Units.Pace;
using LoraRecycle.Service.Serving.Traffic;
using TorchSharp;

namespace LoraRecycle.Service.Tests.Jobs;

/// <summary>With a clock that moves when it is looked at.</summary>
public sealed class DevicePaceTests
{
    [Fact]
    public void While_requests_come_a_job_waits_as_long_as_its_share_says()
    {
        var time = new Steps();
        var traffic = new ServingTraffic(time);
        traffic.Begin().Dispose();
        var pace = new DevicePace(torch.CPU, share: 0.25, traffic, time);
        time.Pass(TimeSpan.FromMilliseconds(10));

        Assert.InRange(Waited(pace, time, CancellationToken.None), TimeSpan.FromMilliseconds(30), TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void Without_requests_and_with_all_of_the_device_it_does_not_wait()
    {
        var time = new Steps();
        var idle = new DevicePace(torch.CPU, 0.1, new ServingTraffic(time), time);
        time.Pass(TimeSpan.FromSeconds(10));
        Assert.InRange(Waited(idle, time, CancellationToken.None), TimeSpan.Zero, TimeSpan.FromSeconds(1));

        var traffic = new ServingTraffic(time);
        using var request = traffic.Begin();
        var whole = new DevicePace(torch.CPU, 1, traffic, time);
        time.Pass(TimeSpan.FromSeconds(10));
        Assert.InRange(Waited(whole, time, CancellationToken.None), TimeSpan.Zero, TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void Whoever_is_cancelled_waits_no_longer_and_is_not_thrown_out()
    {
        var time = new Steps();
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        var pace = new DevicePace(torch.CPU, 0.01, traffic: null, time);
        time.Pass(TimeSpan.FromDays(1));

        Assert.InRange(Waited(pace, time, cancelled.Token), TimeSpan.Zero, TimeSpan.FromSeconds(1));
    }

    private static TimeSpan Waited(DevicePace pace, Steps time, CancellationToken cancellation)
    {
        var before = time.Now;
        time.Moves = true;
        pace.Wait(cancellation);
        time.Moves = false;
        return time.Now - before;
    }

    /// <summary>A clock on which each look while somebody waits is five milliseconds later.</summary>
    private sealed class Steps : TimeProvider
    {
        public bool Moves { get; set; }

        public TimeSpan Now { get; private set; } = TimeSpan.FromDays(1);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp()
        {
            if (Moves)
                Pass(TimeSpan.FromMilliseconds(5));
            return Now.Ticks;
        }

        public void Pass(TimeSpan time) => Now += time;
    }
}
