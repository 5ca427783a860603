using LoraRecycle.Core.FewShot.Calibration;
using LoraRecycle.Core.FewShot.Classification;

namespace LoraRecycle.Cli.Output;

/// <summary>What <c>classify</c> says about one file; scores are sorted, highest first. The calibration is where its probabilities come
/// from.</summary>
internal sealed record ClassifiedFile(string File, string Label, double Probability, IReadOnlyList<ClassScore> Scores, string Calibration)
{
    public static ClassifiedFile Of(string file, Prediction prediction, CalibrationSource calibration) =>
        new(file, prediction.Best.Label, prediction.Best.Probability, prediction.Scores, CalibrationNames.Of(calibration));
}
