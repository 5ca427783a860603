using System.Text.Json.Serialization;

namespace LoraRecycle.Core.Method.Distillation.Training;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(DistillationSettings))]
internal sealed partial class DistillationJson : JsonSerializerContext;
