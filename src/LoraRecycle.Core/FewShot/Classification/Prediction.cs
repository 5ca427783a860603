namespace LoraRecycle.Core.FewShot.Classification;

/// <summary>The decision for one query: a score for every class, the most probable first.</summary>
public sealed record Prediction(IReadOnlyList<ClassScore> Scores)
{
    /// <summary>The class the query is assigned to.</summary>
    public ClassScore Best => Scores[0];
}
