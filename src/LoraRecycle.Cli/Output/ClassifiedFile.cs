using LoraRecycle.Core.FewShot;

namespace LoraRecycle.Cli.Output;

/// <summary>What <c>classify</c> says about one file; scores are sorted, highest first.</summary>
internal sealed record ClassifiedFile(string File, string Label, double Probability, IReadOnlyList<ClassScore> Scores)
{
    public static ClassifiedFile Of(string file, Prediction prediction) =>
        new(file, prediction.Best.Label, prediction.Best.Probability, prediction.Scores);
}
