using FsCheck;
using FsCheck.Fluent;
using LoraRecycle.Core.FewShot;
using LoraRecycle.Core.FewShot.Calibration;
using LoraRecycle.Core.FewShot.Classification;

namespace LoraRecycle.Core.Tests.FewShot.Calibration;

/// <summary>What no calibration may change, checked on random episodes and coefficients.</summary>
public sealed class TemperatureCalibrationProperties
{
    private static readonly Config Fixed = Config.QuickThrowOnFailure.WithReplay(20251129, 1).WithMaxTest(150);

    private static void ForEveryEpisode(Func<Random, SupportClass[], float[][], bool> property) =>
        Check.One(
            Fixed,
            Prop.ForAll(
                ArbMap.Default.ArbFor<int>(),
                seed =>
                {
                    var random = new Random(seed);
                    var length = random.Next(2, 20);
                    float[] Embedding() => [.. Enumerable.Range(0, length).Select(_ => (float)(random.NextDouble() * 6 - 3))];
                    SupportClass[] classes =
                    [
                        .. Enumerable
                            .Range(0, random.Next(2, 9))
                            .Select(i => new SupportClass(
                                $"class {i}",
                                [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => Embedding())]
                            )),
                    ];
                    return property(random, classes, [.. Enumerable.Range(0, 4).Select(_ => Embedding())]);
                }
            )
        );

    private static TemperatureCalibration Some(Random random) =>
        random.Next(4) == 0
            ? TemperatureCalibration.SupportSetOnly
            : TemperatureCalibration.Fitted([
                .. Enumerable.Range(0, TemperatureCalibration.Coefficients).Select(_ => random.NextDouble() * 4 - 1),
            ]);

    [Fact]
    public void Labels_their_order_and_distances_stay_as_they_are_without() => ForEveryEpisode((random, classes, queries) =>
    {
        var support = new SupportSet(classes);
        var (without, with) = (new PrototypeClassifier(support), new PrototypeClassifier(support, Some(random)));
        return queries.All(query => without.Classify(query).Scores.Select(score => (score.Label, score.Distance))
            .SequenceEqual(with.Classify(query).Scores.Select(score => (score.Label, score.Distance))));
    });

    [Fact]
    public void Probabilities_sum_to_1_and_fall_with_the_distance() => ForEveryEpisode((random, classes, queries) =>
    {
        var classifier = new PrototypeClassifier(new SupportSet(classes), Some(random));
        return queries.All(query =>
        {
            var scores = classifier.Classify(query).Scores;
            return Math.Abs(scores.Sum(score => score.Probability) - 1) < 1e-12 && scores.All(score => score.Probability is >= 0 and <= 1)
                && scores.Zip(scores.Skip(1)).All(pair => pair.First.Probability >= pair.Second.Probability);
        });
    });

    [Fact]
    public void The_order_of_classes_and_images_does_not_matter() =>
        ForEveryEpisode(
            (random, classes, _) =>
            {
                var calibration = Some(random);
                var other = classes.Reverse().Select(one => new SupportClass(one.Label, [.. one.Embeddings.Reverse()])).ToArray();
                var (temperature, same) = (calibration.Of(new SupportSet(classes)), calibration.Of(new SupportSet(other)));
                return temperature.Source == same.Source
                    && Math.Abs((temperature.Value ?? 0) - (same.Value ?? 0)) <= 1e-4 * (temperature.Value ?? 0);
            }
        );

    [Fact]
    public void Copies_of_a_picture_do_not_change_the_temperature() =>
        ForEveryEpisode(
            (random, classes, _) =>
            {
                var calibration = Some(random);
                var copied = classes
                    .Select(one => new SupportClass(
                        one.Label,
                        [.. one.Embeddings, .. Enumerable.Repeat((float[])one.Embeddings[0].Clone(), 3)]
                    ))
                    .ToArray();
                return calibration.Of(new SupportSet(classes)) == calibration.Of(new SupportSet(copied));
            }
        );

    [Fact]
    public void Without_a_fit_and_with_a_single_image_of_a_class_there_is_no_calibration()
    {
        var support = new SupportSet([new SupportClass("a", [[1f, 0f], [0f, 1f]]), new SupportClass("b", [[3f, 3f]])]);

        Assert.Equal(EpisodeTemperature.None, TemperatureCalibration.SupportSetOnly.Of(support));
        Assert.Equal(CalibrationSource.Fitted, TemperatureCalibration.Fitted([2.7, 0, 0, 0, 0]).Of(support).Source);
    }

    [Fact]
    public void Classes_that_are_all_one_point_are_equally_probable()
    {
        var support = new SupportSet([new SupportClass("a", [[1f], [1f]]), new SupportClass("b", [[1f]])]);

        Assert.All(
            new PrototypeClassifier(support, TemperatureCalibration.Fitted([2.7, 0, 0, 0, 0])).Classify([5f]).Scores,
            score => Assert.Equal(0.5, score.Probability)
        );
    }

    [Theory]
    [InlineData(1.0, 2.0, double.NaN, 0.0, 0.0)]
    [InlineData(1.0, 2.0)]
    public void Coefficients_that_are_none_are_refused(params double[] coefficients) =>
        Assert.Contains(
            "5 finite coefficients",
            Assert.Throws<ArgumentException>(() => TemperatureCalibration.Fitted(coefficients)).Message,
            StringComparison.Ordinal
        );
}
