using System.Text.Json.Serialization;

namespace LoraRecycle.Service.Features.Recycling.Requests;

/// <summary>How requests are read.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, NumberHandling = JsonNumberHandling.Strict, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(RecycleRequest))]
internal sealed partial class RequestJson : JsonSerializerContext;
