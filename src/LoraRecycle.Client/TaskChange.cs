namespace LoraRecycle.Client;

/// <summary>A change to a stored task. What is not set stays; drops apply first.</summary>
public sealed record TaskChange
{
    /// <summary>Classes and images to add.</summary>
    public SupportSet Support { get; init; } = [];

    /// <summary>Labels of classes to drop, with all their images.</summary>
    public IReadOnlyList<string> DropClasses { get; init; } = [];

    /// <summary>Ids of images to drop; a class left without images is dropped as well.</summary>
    public IReadOnlyList<long> DropImages { get; init; } = [];

    /// <summary>The task's new name; empty for no name.</summary>
    public string? Name { get; init; }

    /// <summary>The share of known queries that may be rejected, above 0 and at most 0.5; 0 for no rejection any more.</summary>
    public double? Reject { get; init; }
}
