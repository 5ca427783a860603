namespace LoraRecycle.Cli.Output;

/// <summary>An adapter that went into a merged one.</summary>
internal sealed record MergedMember(string Adapter, string Revision, double Weight);

/// <summary>What a merged adapter was made of (<c>run.json</c>).</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Version">Of this program.</param>
/// <param name="Library">The computing library, with its version.</param>
/// <param name="Members">What was summed.</param>
/// <param name="Rank">Of the sum.</param>
/// <param name="LargestLoss">Of all layers: the largest share of the sum's squared norm that the rank could not hold.</param>
internal sealed record MergeReport(
    string Model,
    string Version,
    string Library,
    IReadOnlyList<MergedMember> Members,
    int Rank,
    double LargestLoss
);
