namespace LoraRecycle.Core.FewShot.Episodes;

/// <summary>One few-shot task; all numbers are indices into the data set's classes and into a class's images.</summary>
public sealed record Episode(IReadOnlyList<EpisodeClass> Classes);

/// <summary>One class of an episode: which images support it and which are to be recognised. They never overlap.</summary>
public sealed record EpisodeClass(int Class, IReadOnlyList<int> Support, IReadOnlyList<int> Queries);
