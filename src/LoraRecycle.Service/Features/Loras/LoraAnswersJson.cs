using System.Text.Json;
using System.Text.Json.Serialization;

namespace LoraRecycle.Service.Features.Loras;

/// <summary>The JSON of the market for clients.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(LorasResponse))]
[JsonSerializable(typeof(LoraInspection))]
internal sealed partial class LoraAnswersJson : JsonSerializerContext;
