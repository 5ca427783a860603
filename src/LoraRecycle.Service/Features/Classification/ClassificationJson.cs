using System.Text.Json;
using System.Text.Json.Serialization;

namespace LoraRecycle.Service.Features.Classification;

/// <summary>The JSON of classification.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(ClassifyRequest))]
[JsonSerializable(typeof(ClassifyResponse))]
internal sealed partial class ClassificationJson : JsonSerializerContext;
