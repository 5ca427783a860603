using FsCheck;
using FsCheck.Fluent;
using LoraRecycle.Core.FewShot;
using LoraRecycle.Core.FewShot.Classification;
using LoraRecycle.Core.FewShot.Rejection;

namespace LoraRecycle.Core.Tests.FewShot.Rejection;

/// <summary>On classes that are Gaussian clouds, of which it is known what the right answer is.</summary>
public sealed class RejectionThresholdTests
{
    private const int Length = 24;

    private static readonly Config Fixed = Config.QuickThrowOnFailure.WithReplay(20261122, 1).WithMaxTest(60);

    private static float[] Around(Random random, float[] center, double spread) =>
        [
            .. center.Select(value =>
                (float)(value + (spread * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))
            ),
        ];

    /// <param name="within">The spread within a class, where that of the classes' centers is 1.</param>
    /// <param name="ways">Classes.</param>
    /// <param name="shots">Images of each.</param>
    /// <param name="random">Where it comes from.</param>
    private static (SupportSet Support, float[][] Centers) Task(Random random, double within, int ways, int shots)
    {
        var centers = Enumerable.Range(0, ways).Select(_ => Around(random, new float[Length], 1)).ToArray();
        return (
            new SupportSet([
                .. centers.Select(
                    (center, place) =>
                        new SupportClass($"{place}", [.. Enumerable.Range(0, shots).Select(_ => Around(random, center, within))])
                ),
            ]),
            centers
        );
    }

    [Theory]
    [InlineData(0.7, 0.2)]
    [InlineData(1.0, 0.1)]
    [InlineData(1.0, 0.05)]
    [InlineData(1.4, 0.05)]
    public void With_several_shots_about_the_share_of_known_queries_is_rejected_that_was_asked_for(double within, double target)
    {
        var random = new Random(1);
        var rejected = Enumerable.Range(0, 60).Average(_ =>
        {
            var (support, centers) = Task(random, within, ways: 6, shots: 6);
            var (classifier, threshold) = (new PrototypeClassifier(support), RejectionThreshold.Calibrate(support, target));
            return centers.SelectMany(center => Enumerable.Range(0, 20).Select(_ => Around(random, center, within)))
                .Average(query => threshold.Rejects(threshold.NoveltyOf(classifier.Classify(query))) ? 1.0 : 0);
        });

        Assert.InRange(rejected, target / 2.5, target * 1.6);
    }

    [Theory]
    [InlineData(1, 0.5, 50)] // one shot tells little of how far a class reaches
    [InlineData(5, 0.05, 95)]
    public void Queries_of_unknown_classes_are_rejected_where_classes_are_far_apart(int shots, double target, int least)
    {
        var random = new Random(2);
        var (support, centers) = Task(random, within: 0.15, ways: 8, shots);
        var (classifier, threshold) = (new PrototypeClassifier(support), RejectionThreshold.Calibrate(support, target));
        var unknown = Enumerable.Range(0, 100).Select(_ => Around(random, new float[Length], 1)).ToArray();
        var known = Enumerable.Range(0, 100).Select(i => Around(random, centers[i % 8], 0.15)).ToArray();
        int Rejected(float[][] queries) => queries.Count(query => threshold.Rejects(threshold.NoveltyOf(classifier.Classify(query))));

        Assert.InRange(Rejected(known), 0, 5);
        Assert.InRange(Rejected(unknown), least, 100);
    }

    [Fact]
    public void It_depends_on_no_unit_no_origin_and_no_order() =>
        Check.One(
            Fixed,
            Prop.ForAll(
                ArbMap.Default.ArbFor<int>(),
                seed =>
                {
                    var random = new Random(seed);
                    var (support, _) = Task(random, 0.5, random.Next(2, 6), random.Next(1, 4));
                    var (scale, shift) = ((float)Math.Exp(random.Next(-3, 4)), random.Next(-2, 3));
                    var other = new SupportSet([
                        .. support
                            .Classes.Reverse()
                            .Select(one => new SupportClass(
                                one.Label,
                                [.. one.Embeddings.Reverse().Select(image => image.Select(value => (value + shift) * scale).ToArray())]
                            )),
                    ]);
                    var (threshold, same) = (RejectionThreshold.Calibrate(support, 0.1), RejectionThreshold.Calibrate(other, 0.1));
                    var query = Around(random, new float[Length], 1);
                    var (novelty, sameNovelty) = (
                        threshold.NoveltyOf(new PrototypeClassifier(support).Classify(query)),
                        same.NoveltyOf(new PrototypeClassifier(other).Classify([.. query.Select(value => (value + shift) * scale)]))
                    );

                    return Math.Abs(threshold.Value - same.Value) < 1e-4 && Math.Abs(novelty - sameNovelty) < 1e-4;
                }
            )
        );

    [Fact]
    public void Who_lets_more_known_queries_be_rejected_has_a_lower_threshold() =>
        Check.One(
            Fixed,
            Prop.ForAll(
                ArbMap.Default.ArbFor<int>(),
                seed =>
                {
                    var random = new Random(seed);
                    var (support, _) = Task(random, 0.5, random.Next(2, 6), random.Next(1, 4));
                    var values = new[] { 0.01, 0.05, 0.1, 0.3, 0.5 }
                        .Select(target => RejectionThreshold.Calibrate(support, target).Value)
                        .ToArray();
                    return values.Zip(values.Skip(1)).All(pair => pair.First > pair.Second) && values.All(double.IsFinite);
                }
            )
        );

    [Fact]
    public void The_spread_is_the_mean_over_all_pairs_of_images_of_different_classes()
    {
        var (support, _) = Task(new Random(3), 0.5, 4, 3);
        var expected = support
            .Classes.SelectMany(a =>
                support
                    .Classes.Where(b => b != a)
                    .SelectMany(b => a.Embeddings.SelectMany(x => b.Embeddings.Select(y => x.Zip(y, (p, q) => Math.Pow(p - q, 2)).Sum())))
            )
            .Average();

        Assert.Equal(expected, RejectionThreshold.Calibrate(support, 0.05).Spread, expected * 1e-5);
    }

    [Fact]
    public void Images_that_are_all_the_same_leave_finite_numbers()
    {
        float[] point = [1, 2, 3];
        var support = new SupportSet([new SupportClass("a", [point, point]), new SupportClass("b", [point])]);
        var threshold = RejectionThreshold.Calibrate(support, 0.05);
        var classifier = new PrototypeClassifier(support);

        Assert.True(double.IsFinite(threshold.Value));
        Assert.Equal(0, threshold.NoveltyOf(classifier.Classify(point)));
        Assert.True(double.IsFinite(threshold.NoveltyOf(classifier.Classify([1, 2, 4]))));
    }

    [Fact]
    public void Copies_of_a_picture_count_once() =>
        Check.One(
            Fixed,
            Prop.ForAll(
                ArbMap.Default.ArbFor<int>(),
                seed =>
                {
                    var random = new Random(seed);
                    var (support, _) = Task(random, 0.5, random.Next(2, 6), random.Next(1, 4));
                    var copied = new SupportSet([
                        .. support.Classes.Select(one => new SupportClass(
                            one.Label,
                            [.. one.Embeddings, .. one.Embeddings.Select(image => (float[])image.Clone())]
                        )),
                    ]);
                    return RejectionThreshold.Calibrate(support, 0.05).Value == RejectionThreshold.Calibrate(copied, 0.05).Value;
                }
            )
        );

    [Theory]
    [InlineData(0.05)]
    [InlineData(0.5)]
    public void A_query_that_lies_on_a_prototype_is_never_rejected(double target)
    {
        float[] point = [1, 2, 3];
        var support = new SupportSet([new SupportClass("a", [point, point, point]), new SupportClass("b", [[3, 2, 1], [3, 2, 1]])]);
        var threshold = RejectionThreshold.Calibrate(support, target);

        Assert.False(threshold.Rejects(threshold.NoveltyOf(new PrototypeClassifier(support).Classify(point))));
        Assert.False(threshold.Rejects(0));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.51)]
    [InlineData(double.NaN)]
    public void A_share_that_is_none_is_refused(double target) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => RejectionThreshold.Calibrate(Task(new Random(4), 0.5, 2, 1).Support, target));

    [Theory]
    [InlineData(0.5, 0)]
    [InlineData(0.95, 1.6448536269514722)]
    [InlineData(0.99, 2.3263478740408408)]
    [InlineData(0.025, -1.959963984540054)]
    public void Quantiles_are_those_of_the_tables(double share, double value)
    {
        Assert.Equal(value, NormalDistribution.Quantile(share), 1e-9);
        Assert.Equal(share, NormalDistribution.Below(value), 1e-12);
    }
}
