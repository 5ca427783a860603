using System.ComponentModel.DataAnnotations;

namespace LoraRecycle.Service.Features.Classification;

/// <summary>One episode. The server reads it as a stream; this type only describes the JSON form.</summary>
public sealed class ClassifyRequest
{
    /// <summary>The classes to choose from, at least 2. A label that occurs twice is one class with the images of both.</summary>
    [Required, MinLength(2)]
    public required IReadOnlyList<ClassifySupport> Support { get; init; }

    /// <summary>The images to classify, at least 1, each as base64 or a data: URI.</summary>
    [Required, MinLength(1)]
    public required IReadOnlyList<string> Queries { get; init; }

    /// <summary>"default" (the active meta-LoRA), "none" (the bare model), or the id of a meta-LoRA.</summary>
    public string? MetaLora { get; init; }

    /// <summary>The share of known queries that may be rejected, above 0 and at most 0.5; null for no rejection.</summary>
    public double? Reject { get; init; }

    /// <summary>Whether to return the embeddings of all images.</summary>
    public bool? Embeddings { get; init; }
}

/// <summary>One class of the support set.</summary>
public sealed class ClassifySupport
{
    /// <summary>The name of the class, not empty.</summary>
    [Required, MinLength(1)]
    public required string Label { get; init; }

    /// <summary>Labelled images of the class, at least 1, each as base64 or a data: URI. Classes may have different numbers of
    /// images.</summary>
    [Required, MinLength(1)]
    public required IReadOnlyList<string> Images { get; init; }
}
