using LoraRecycle.Core.FewShot.Episodes;

namespace LoraRecycle.Core.Tests.Evaluation;

public class AccuracyIntervalTests
{
    [Fact]
    public void The_interval_is_1_96_standard_errors_wide_on_each_side()
    {
        // Mean 0.5; sample variance (0.09 + 0.01 + 0.01 + 0.09) / 3; standard error its root over 2.
        var interval = AccuracyInterval.Of([0.2, 0.4, 0.6, 0.8]);
        Assert.Equal(0.5, interval.Mean, 12);
        Assert.Equal(1.96 * Math.Sqrt(0.2 / 3) / 2, interval.HalfWidth, 12);
        Assert.Equal(4, interval.Episodes);
    }

    [Fact]
    public void Equal_accuracies_leave_no_doubt() => Assert.Equal(0, AccuracyInterval.Of([0.75, 0.75, 0.75]).HalfWidth);

    [Fact]
    public void One_episode_has_a_mean_and_no_spread() => Assert.Equal(new AccuracyInterval(0.4, 0, 1), AccuracyInterval.Of([0.4]));

    [Fact]
    public void No_episode_has_no_interval() => Assert.Throws<ArgumentException>(() => AccuracyInterval.Of([]));
}
