using System.Text.Json;
using System.Text.Json.Serialization;

namespace LoraRecycle.Service.Features.Models;

/// <summary>The JSON of what the server tells of its models.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(ModelsResponse))]
internal sealed partial class ModelsJson : JsonSerializerContext;
