using System.Text.Json.Serialization;

namespace LoraRecycle.Service.Features.Loras.Storage;

/// <summary>What is kept beside a LoRA's files.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true
)]
[JsonSerializable(typeof(LoraFacts))]
internal sealed partial class LoraJson : JsonSerializerContext;
