using System.Text.Json.Serialization;

namespace LoraRecycle.Service.Endpoints;

/// <summary>The JSON of every answer, written by generated code.</summary>
[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(ClassifyRequest))]
[JsonSerializable(typeof(ClassifyResponse))]
[JsonSerializable(typeof(ModelsResponse))]
[JsonSerializable(typeof(HealthResponse))]
internal sealed partial class ServiceJson : JsonSerializerContext;
