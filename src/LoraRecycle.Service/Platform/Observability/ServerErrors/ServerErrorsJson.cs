using System.Text.Json;
using System.Text.Json.Serialization;

namespace LoraRecycle.Service.Platform.Observability.ServerErrors;

/// <summary>The JSON of the last errors.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(ServerErrorsResponse))]
internal sealed partial class ServerErrorsJson : JsonSerializerContext;
