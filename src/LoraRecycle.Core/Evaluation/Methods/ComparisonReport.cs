using LoraRecycle.Core.Evaluation.Methods.Harness;

namespace LoraRecycle.Core.Evaluation.Methods;

/// <summary>A comparison of methods on the same episodes, with all that is needed to repeat it.</summary>
public sealed record ComparisonReport
{
    public required string DataSet { get; init; }

    /// <summary>The part of the split that its classes came from.</summary>
    public required string Part { get; init; }

    /// <summary>How many classes episodes were drawn from.</summary>
    public required int Classes { get; init; }

    /// <summary>How many different images the episodes used.</summary>
    public required int Images { get; init; }

    /// <summary>Query images a class.</summary>
    public required int Queries { get; init; }

    /// <summary>Of the episodes and of all else that is drawn.</summary>
    public required long Seed { get; init; }

    public required string Model { get; init; }

    /// <summary>SHA-256 over weights, preprocessing and precision.</summary>
    public required string Revision { get; init; }

    /// <summary>The market's folder, or null without one.</summary>
    public required string? Market { get; init; }

    /// <summary>The names of the LoRAs that were used.</summary>
    public required IReadOnlyList<string> Loras { get; init; }

    /// <summary>Classes of this evaluation that one of these LoRAs was tuned on: none, where it is to be fair.</summary>
    public required IReadOnlyList<string> SeenClasses { get; init; }

    public required string Device { get; init; }

    /// <summary>In what was computed.</summary>
    public required string Precision { get; init; }

    /// <summary>The version of this program.</summary>
    public required string Version { get; init; }

    public required string Libtorch { get; init; }

    /// <summary>Support images that were tuned on at once.</summary>
    public required int ImagesAtOnce { get; init; }

    /// <summary>The rows.</summary>
    public required IReadOnlyList<MethodResult> Methods { get; init; }
}
