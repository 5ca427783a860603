namespace LoraRecycle.Client.Contracts;

/// <summary>The data sets on this server.</summary>
/// <param name="DataSets">By name.</param>
public sealed record DataSetsResponse(IReadOnlyList<DataSetEntry> DataSets);

/// <summary>One data set.</summary>
/// <param name="Name">What <c>validation.dataSet</c> names it.</param>
/// <param name="Parts">What <c>validation.part</c> may be.</param>
public sealed record DataSetEntry(string Name, IReadOnlyList<string> Parts);
