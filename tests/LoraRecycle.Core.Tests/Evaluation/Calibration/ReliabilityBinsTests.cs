using LoraRecycle.Core.Evaluation.Calibration;

namespace LoraRecycle.Core.Tests.Evaluation.Calibration;

public sealed class ReliabilityBinsTests
{
    private static readonly (double Confidence, bool Right)[] Answers =
    [
        (0.99, true), (0.97, true), (0.95, false), (0.9, true), (0.85, true), (0.8, false), (0.72, true),
        (0.66, true), (0.6, false), (0.55, true), (0.41, false), (0.3, true), (0.2, false), (1.0, true),
    ];

    private static ReliabilityBins Of(IEnumerable<(double Confidence, bool Right)> answers)
    {
        var bins = new ReliabilityBins();
        foreach (var (confidence, right) in answers)
            bins.Add(confidence, right);
        return bins;
    }

    [Fact]
    public void The_expected_calibration_error_is_the_one_that_numpy_computes()
    {
        Assert.Equal(0.2885714285714285, Of(Answers).ExpectedError, 1e-12);
        Assert.Equal(0.7071428571428571, Of(Answers).MeanConfidence, 1e-12);
    }

    [Fact]
    public void Answers_that_were_added_in_parts_count_as_all_together()
    {
        var all = Of(Answers[..5]);
        all.Add(Of(Answers[5..]));

        Assert.Equal(Of(Answers).ExpectedError, all.ExpectedError, 1e-12);
        Assert.Equal(Answers.Length, all.Filled.Sum(bin => bin.Answers));
    }

    [Fact]
    public void Without_answers_there_is_no_error() => Assert.Equal(0, new ReliabilityBins().ExpectedError);
}
