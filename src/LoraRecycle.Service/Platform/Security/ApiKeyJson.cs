using System.Text.Json.Serialization;

namespace LoraRecycle.Service.Platform.Security;

/// <summary>The keys file.</summary>
internal sealed record ApiKeyDocument(IReadOnlyList<ApiKey> Keys);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(ApiKeyDocument))]
internal sealed partial class ApiKeyJson : JsonSerializerContext;
