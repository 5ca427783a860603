using System.Text.Json.Serialization;

namespace LoraRecycle.Core.Distillation;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(DistillationSettings))]
internal sealed partial class DistillationJson : JsonSerializerContext;
