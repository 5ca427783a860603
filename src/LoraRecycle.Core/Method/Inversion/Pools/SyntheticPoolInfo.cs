using System.Text.Json.Serialization;

namespace LoraRecycle.Core.Method.Inversion.Pools;

/// <summary>What a pool says about itself (<c>pool.json</c>).</summary>
public sealed record SyntheticPoolInfo
{
    public required string Name { get; init; }

    /// <summary>Of the LoRA that the images were made from.</summary>
    public required string LoraRevision { get; init; }

    /// <summary>The names behind the labels.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>Pixels a side of the patches that masks speak of.</summary>
    public required int PatchSize { get; init; }

    public required InversionSettings Settings { get; init; }

    /// <summary>The loss of the batch that was kept.</summary>
    public required float BestLoss { get; init; }

    /// <summary>The loss every <see cref="InversionSettings.ReportEvery"/> iterations.</summary>
    public required IReadOnlyList<float> Losses { get; init; }

    /// <summary>This LoRA's share of the time that its batch took.</summary>
    public required double Seconds { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals
)]
[JsonSerializable(typeof(SyntheticPoolInfo))]
internal sealed partial class SyntheticPoolJson : JsonSerializerContext;
