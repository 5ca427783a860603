namespace LoraRecycle.Core.DataSets;

/// <summary>One class of a data set and the images that show it.</summary>
/// <param name="Name">The class's folder name, which is its label.</param>
/// <param name="Images">Paths inside the data set (<c>class/file</c>), in ordinal order.</param>
public sealed record ImageClass(string Name, IReadOnlyList<string> Images);
