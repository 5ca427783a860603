using System.Text.Json;
using System.Text.Json.Serialization;

namespace LoraRecycle.Service.Features.Limits;

/// <summary>The JSON of the limits.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(LimitsResponse))]
internal sealed partial class LimitsJson : JsonSerializerContext;
