namespace LoraRecycle.Core.Evaluation.Calibration;

/// <summary>
/// Answers by the probability that they were given with, in fifteen bins of one width: how often those of a bin are right, and how
/// sure they were (a reliability diagram; Guo et al. 2017).
/// </summary>
public sealed class ReliabilityBins
{
    /// <summary>How many bins.</summary>
    public const int Bins = 15;

    private readonly long[] _answers = new long[Bins];
    private readonly long[] _right = new long[Bins];
    private readonly double[] _confidence = new double[Bins];

    /// <summary>Adds an answer.</summary>
    /// <param name="confidence">The probability of the label that was given; 0 to 1. A bin holds its upper end.</param>
    /// <param name="right">Whether it was the right label.</param>
    public void Add(double confidence, bool right)
    {
        var bin = Math.Clamp((int)Math.Ceiling(confidence * Bins) - 1, 0, Bins - 1);
        _answers[bin]++;
        _confidence[bin] += confidence;
        _right[bin] += right ? 1 : 0;
    }

    /// <summary>Adds the answers of others.</summary>
    public void Add(ReliabilityBins others)
    {
        ArgumentNullException.ThrowIfNull(others);
        for (var bin = 0; bin < Bins; bin++)
        {
            _answers[bin] += others._answers[bin];
            _confidence[bin] += others._confidence[bin];
            _right[bin] += others._right[bin];
        }
    }

    /// <summary>The mean over answers of how far a bin's confidence is from its share of right answers (ECE).</summary>
    public double ExpectedError => Total == 0 ? 0 : Enumerable.Range(0, Bins).Sum(bin => Math.Abs(_confidence[bin] - _right[bin])) / Total;

    /// <summary>The mean probability of the labels that were given.</summary>
    public double MeanConfidence => Total == 0 ? 0 : _confidence.Sum() / Total;

    private long Total => _answers.Sum();

    /// <summary>The bins that hold answers, from the least sure on.</summary>
    public IReadOnlyList<ReliabilityBin> Filled =>
        [.. Enumerable.Range(0, Bins).Where(bin => _answers[bin] > 0)
            .Select(bin => new ReliabilityBin(_answers[bin], _confidence[bin] / _answers[bin], (double)_right[bin] / _answers[bin]))];
}

/// <summary>The answers of one bin.</summary>
/// <param name="Answers">How many.</param>
/// <param name="Confidence">Their mean probability.</param>
/// <param name="Accuracy">The share that is right.</param>
public readonly record struct ReliabilityBin(long Answers, double Confidence, double Accuracy);
