using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using LoraRecycle.Core.Method.Distillation;
using LoraRecycle.Core.Method.Inversion;

namespace LoraRecycle.Core.Method.Recycling;

/// <summary>What was recycled, with what, and how it went: the <c>run.json</c> beside the meta-LoRA.</summary>
public sealed record RecyclingReport
{
    public required string Model { get; init; }

    public required string? Prior { get; init; }

    public required IReadOnlyList<string> Devices { get; init; }

    public required string Precision { get; init; }

    /// <summary>The version of this program.</summary>
    public required string Version { get; init; }

    /// <summary>The library that computed, with its version.</summary>
    public required string Library { get; init; }

    /// <summary>SHA-256, in hex, over the names and revisions of the LoRAs, those that failed included.</summary>
    public required string MarketRevision { get; init; }

    public required IReadOnlyList<RecycledLora> Loras { get; init; }

    public required InversionStage Inversion { get; init; }

    public required DistillationStage Distillation { get; init; }

    public required DateTimeOffset Started { get; init; }

    /// <summary>Of this run, from reading the model to the written meta-LoRA.</summary>
    public required double Seconds { get; init; }

    /// <summary>How it is written.</summary>
    public static JsonTypeInfo<RecyclingReport> Json => RecyclingJson.Default.RecyclingReport;
}

/// <summary>One LoRA of a recycling.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Revision">SHA-256 over its files.</param>
/// <param name="Classes">Of its head.</param>
/// <param name="BestLoss">The loss of the images that were made of it.</param>
/// <param name="Failure">Why it was left out, or null.</param>
public sealed record RecycledLora(string Name, string Revision, IReadOnlyList<string> Classes, float? BestLoss, string? Failure);

/// <param name="Settings">How LoRAs were inverted.</param>
/// <param name="Together">The most LoRAs in a batch.</param>
/// <param name="Seconds">Of this run; 0 and a little where all pools were there.</param>
/// <param name="DeviceSeconds">Spent on the pools in all, summed over devices, earlier runs included.</param>
public sealed record InversionStage(InversionSettings Settings, int Together, double Seconds, double DeviceSeconds);

/// <param name="Settings">How the meta-LoRA was trained.</param>
/// <param name="Seconds">Of this run.</param>
/// <param name="StepSeconds">Spent on the steps in all, earlier runs included.</param>
/// <param name="Losses">Averaged between two readings.</param>
public sealed record DistillationStage(DistillationSettings Settings, double Seconds, double StepSeconds, IReadOnlyList<double> Losses);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    UseStringEnumConverter = true,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals
)]
[JsonSerializable(typeof(RecyclingReport))]
internal sealed partial class RecyclingJson : JsonSerializerContext;
