using System.Text.Json;
using System.Text.Json.Serialization;

namespace LoraRecycle.Service.Features.MetaLoras;

/// <summary>The JSON of meta-LoRAs.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(MetaLorasResponse))]
[JsonSerializable(typeof(MetaLoraResponse))]
[JsonSerializable(typeof(ActiveMetaLoraResponse))]
[JsonSerializable(typeof(ActivateMetaLoraRequest))]
internal sealed partial class MetaLoraJson : JsonSerializerContext;
