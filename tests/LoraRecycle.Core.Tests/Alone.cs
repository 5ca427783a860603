namespace LoraRecycle.Core.Tests;

/// <summary>Tests that watch the whole process's memory, and so run while no other test does.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
