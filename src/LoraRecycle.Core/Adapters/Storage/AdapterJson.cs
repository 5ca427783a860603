using System.Text.Json.Serialization;

namespace LoraRecycle.Core.Adapters.Storage;

[JsonSerializable(typeof(string[]))]
internal sealed partial class AdapterJson : JsonSerializerContext;
