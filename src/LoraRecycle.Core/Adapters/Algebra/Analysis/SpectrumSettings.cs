namespace LoraRecycle.Core.Adapters.Algebra.Analysis;

/// <summary>What is looked at in the spectrum of an adapted layer.</summary>
public sealed record SpectrumSettings
{
    /// <summary>
    /// How many of the merged weight's largest singular directions are compared with the base's. The small ones are left
    /// out, as in arXiv 2410.21228: their singular values lie so close together that the least change mixes them.
    /// </summary>
    public int Directions { get; init; } = 10;

    /// <summary>A direction whose absolute cosine with every left singular vector of the base is below this is an intruder.</summary>
    public double IntruderCosine { get; init; } = 0.5;

    /// <summary>Most singular values that are given, of the delta and of the base.</summary>
    public int Values { get; init; } = 32;
}
