namespace LoraRecycle.Core.DataSets;

/// <summary>A file that is no part of a data set.</summary>
/// <param name="Path">Where it is in the data set.</param>
/// <param name="Kind">What it is: <c>a text file</c>.</param>
internal readonly record struct SkippedFile(string Path, string Kind);
