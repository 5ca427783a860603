using LoraRecycle.Core.Foundation.Randomness;

namespace LoraRecycle.Core.Tests.Randomness;

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
    [InlineData(3, 7, 12606086264343931242UL, 7928925173141135875UL, 5660846369269056833UL)]
    [InlineData(0, -1, 6004176723850346645UL, 2210337935425471065UL, 2594861117883331224UL)]
    public void A_streams_numbers_are_always_the_same(long seed, long stream, params ulong[] expected)
    {
        var random = SplitMix64.OfStream(seed, stream);
        Assert.Equal(expected, Enumerable.Range(0, 3).Select(_ => random.Next()).ToArray());
    }

    [Fact]
    public void Whole_numbers_of_a_stream_are_always_the_same_and_reach_both_ends()
    {
        var random = SplitMix64.OfStream(3, 7);
        Assert.Equal([3, -1, -3, -2, -2, -1], Enumerable.Range(0, 6).Select(_ => random.Between(-8, 8)).ToArray());
        Assert.Equal([0, 1, 2], Enumerable.Range(0, 100).Select(_ => random.Between(0, 2)).Distinct().Order());
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
