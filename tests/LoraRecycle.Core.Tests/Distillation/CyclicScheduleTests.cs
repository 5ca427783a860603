using LoraRecycle.Core.Method.Distillation.Training;

namespace LoraRecycle.Core.Tests.Distillation;

public class CyclicScheduleTests
{
    private readonly CyclicSchedule _schedule = new(floor: 1e-5, peak: 1e-3, warmUp: 25, decay: 75);

    [Theory]
    [InlineData(0, 1e-5)]
    [InlineData(25, 1e-3)]
    [InlineData(100, 1e-5)]
    [InlineData(125, 1e-3)]
    public void A_cycle_climbs_from_the_floor_to_the_peak_and_starts_over(int step, double rate) => Assert.Equal(rate, _schedule[step], 12);

    [Fact]
    public void The_warm_up_is_a_line_and_the_decay_half_a_cosine()
    {
        Assert.Equal(1e-5 + ((1e-3 - 1e-5) * 10 / 25), _schedule[10], 12);
        Assert.Equal(1e-5 + ((1e-3 - 1e-5) * (1 + Math.Cos(Math.PI * 30 / 75)) / 2), _schedule[55], 12);
    }

    [Fact]
    public void Without_a_warm_up_it_starts_at_the_peak() => Assert.Equal(1e-3, new CyclicSchedule(1e-5, 1e-3, 0, 10)[0], 12);
}
