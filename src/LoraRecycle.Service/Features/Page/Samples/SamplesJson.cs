using System.Text.Json;
using System.Text.Json.Serialization;

namespace LoraRecycle.Service.Features.Page.Samples;

/// <summary>The JSON of the samples.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(SamplesResponse))]
internal sealed partial class SamplesJson : JsonSerializerContext;
