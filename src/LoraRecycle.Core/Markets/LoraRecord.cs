using System.Text.Json;
using LoraRecycle.Core.DataSets;
using LoraRecycle.Core.Method.Tuning.Options;

namespace LoraRecycle.Core.Markets;

/// <summary>How a LoRA came to be: the <c>run.json</c> beside it, and its line in a market.</summary>
public sealed record LoraRecord
{
    public required string Name { get; init; }

    /// <summary>The name of the data set.</summary>
    public required string DataSet { get; init; }

    /// <summary>In the order of the head's outputs.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>The name of the model that it was tuned on.</summary>
    public required string Model { get; init; }

    public required TuningSettings Settings { get; init; }

    /// <summary>The share of each class's images that was kept from tuning, and the seed that chose them.</summary>
    public required HeldOutSplit HeldOut { get; init; }

    public required int TrainImages { get; init; }

    public required int HeldOutImages { get; init; }

    /// <summary>Accuracy on the images that it was tuned on, of the LoRA as it is stored, a fraction of 1; null in records from before it
    /// was kept.</summary>
    public double? TrainAccuracy { get; init; }

    /// <summary>Accuracy on the held-out images of the LoRA as it is stored, a fraction of 1; null where none were held out.</summary>
    public double? HeldOutAccuracy { get; init; }

    /// <summary>Mean cross-entropy of the last tenth of the steps.</summary>
    public required double FinalLoss { get; init; }

    /// <summary>What the LoRA lacks of what was tuned, in the layer that lacks most, relative to its change; 0 but for methods of a larger
    /// rank than is stored.</summary>
    public double Lost { get; init; }

    /// <summary>SHA-256 over the adapter's files.</summary>
    public required string Revision { get; init; }

    /// <summary>The type its tensors are stored in.</summary>
    public required string DType { get; init; }

    /// <summary>The version of this program.</summary>
    public required string Version { get; init; }

    /// <summary>The library that computed, with its version; empty in records from before it was kept.</summary>
    public string Library { get; init; } = "";

    public required string Device { get; init; }

    public required DateTimeOffset Started { get; init; }

    public required double Seconds { get; init; }

    /// <summary>Whether it is what a task would give again.</summary>
    public bool IsOf(LoraTask task, string dataSet, string model, HeldOutSplit heldOut) =>
        Name == task.Name
        && DataSet == dataSet
        && Model == model
        && HeldOut == heldOut
        && Classes.SequenceEqual(task.Classes, StringComparer.Ordinal)
        && Text(Settings) == Text(task.Settings);

    private static string Text(TuningSettings settings) => JsonSerializer.Serialize(settings, MarketJson.Default.TuningSettings);
}
