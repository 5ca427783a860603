using LoraRecycle.Core.DataSets;
using LoraRecycle.Core.Evaluation.Calibration;
using LoraRecycle.Core.Evaluation.Reports;
using LoraRecycle.Core.FewShot.Calibration;
using LoraRecycle.Core.FewShot.Episodes;

namespace LoraRecycle.Core.Tests.Evaluation.Calibration;

/// <summary>On classes that are Gaussian clouds.</summary>
public sealed class CalibrationFitTests
{
    private const int Classes = 24;
    private const int Images = 25;
    private const int Length = 12;

    private static readonly ImageClass[] Clouds =
        [.. Enumerable.Range(0, Classes).Select(c => new ImageClass($"{c}", [.. Enumerable.Range(0, Images).Select(i => $"{c}/{i}")]))];

    private static Dictionary<string, float[]> Embeddings(int seed, double within)
    {
        var random = new Random(seed);
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        var embeddings = new Dictionary<string, float[]>();
        foreach (var one in Clouds)
        {
            double[] center = [.. Enumerable.Range(0, Length).Select(_ => 10 * Normal())];
            foreach (var image in one.Images)
                embeddings[image] = [.. center.Select(value => (float)(value + (10 * within * Normal())))];
        }
        return embeddings;
    }

    private static double[] Fit(int seed) => CoefficientFit.Of([.. new[] { (5, 1), (10, 1), (5, 5), (10, 5) }.SelectMany(shape =>
    {
        var sampler = new EpisodeSampler(Clouds, new EpisodeShape(shape.Item1, shape.Item2, 15), seed);
        var embeddings = Embeddings(seed, within: 1.0);
        return Enumerable.Range(0, 30).Select(number => CalibrationEpisode.Of(Clouds, sampler.Draw(number), embeddings, weight: 1)!);
    })]);

    [Theory]
    [InlineData(5, 1)]
    [InlineData(10, 1)]
    [InlineData(10, 5)]
    public void Probabilities_mean_on_other_classes_what_they_say(int ways, int shots)
    {
        var result = new FewShotEvaluation(Clouds, new EpisodeShape(ways, shots, 15), 100, seed: 3)
            .Report(Embeddings(seed: 2, within: 1.0), TemperatureCalibration.Fitted(Fit(seed: 1)), TestContext.Current.CancellationToken);

        Assert.InRange(result.Calibrated.ExpectedCalibrationError, 0, 0.05);
        Assert.True(result.Uncalibrated.ExpectedCalibrationError > 2 * result.Calibrated.ExpectedCalibrationError);
    }

    [Fact]
    public void Support_images_alone_calibrate_where_there_are_several_a_class()
    {
        var result = new FewShotEvaluation(Clouds, new EpisodeShape(5, 5, 15), 100, seed: 3)
            .Report(Embeddings(seed: 2, within: 1.2), TemperatureCalibration.SupportSetOnly, TestContext.Current.CancellationToken);

        Assert.InRange(result.Calibrated.ExpectedCalibrationError, 0, 0.05);
    }

    [Fact]
    public void The_same_episodes_give_the_same_coefficients() => Assert.Equal(Fit(seed: 4), Fit(seed: 4));
}
