using LoraRecycle.Core.Evaluation;

namespace LoraRecycle.Core.Tests.Evaluation;

public class SplitMix64Tests
{
    [Fact]
    public void Its_numbers_are_the_published_sequence()
    {
        var random = new SplitMix64(1234567);
        Assert.Equal(
            [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821],
            Enumerable.Range(0, 5).Select(_ => random.Next()).ToArray());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    public void Bounded_numbers_cover_the_range_evenly(int bound)
    {
        const int draws = 21_000;
        var random = new SplitMix64(5);
        var counts = new int[bound];
        for (var i = 0; i < draws; i++)
            counts[random.Below(bound)]++;
        Assert.All(counts, count => Assert.InRange(count, draws / bound * 0.9, draws / bound * 1.1));
    }

    [Fact]
    public void Choosing_everything_is_a_permutation()
    {
        var random = new SplitMix64(11);
        Assert.Equal(Enumerable.Range(0, 50), random.Choose(50, 50).Order());
    }

    [Fact]
    public void More_than_there_are_cannot_be_chosen()
    {
        var random = new SplitMix64(11);
        Assert.Throws<ArgumentOutOfRangeException>(() => random.Choose(6, 5));
    }
}
