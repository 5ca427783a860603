using System.Text.Json.Serialization;

namespace LoraRecycle.Core.Markets;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true
)]
[JsonSerializable(typeof(LoraRecord))]
[JsonSerializable(typeof(MarketFile))]
internal sealed partial class MarketJson : JsonSerializerContext;

/// <summary>What <c>market.json</c> holds.</summary>
internal sealed record MarketFile(IReadOnlyList<LoraRecord> Loras);
