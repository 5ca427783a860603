namespace LoraRecycle.Core.Method.Tuning.Checkpoints;

/// <summary>Where a run keeps what it needs to go on, and how often.</summary>
/// <param name="Path">A file, replaced as a whole or not at all. It stays when the run has ended; whoever stored the result deletes
/// it.</param>
/// <param name="Every">The least time between two writes; when the run is cancelled it is written once more.</param>
public sealed record TuningCheckpoint(string Path, TimeSpan Every);
