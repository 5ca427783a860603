using System.Text.Json.Serialization;

namespace LoraRecycle.Core.DataSets;

[JsonSerializable(typeof(Dictionary<string, Dictionary<string, string[]>>), TypeInfoPropertyName = "Splits")]
internal sealed partial class SplitJson : JsonSerializerContext;
