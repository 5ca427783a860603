using System.Text.Json;
using System.Text.Json.Serialization;

namespace LoraRecycle.Service.Features.Health;

/// <summary>The JSON of health.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(HealthResponse))]
internal sealed partial class HealthJson : JsonSerializerContext;
