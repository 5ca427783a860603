using System.Text.Json;
using System.Text.Json.Serialization;
using LoraRecycle.Core.Vision.Transformer;

namespace LoraRecycle.Core.Method.Inversion;

/// <summary>Token pruning in JSON, as it is on the command line: <c>"11:0.75"</c>.</summary>
public sealed class TokenPruningJson : JsonConverter<TokenPruning>
{
    public override TokenPruning Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        try
        {
            return TokenPruning.Parse(reader.GetString() ?? "");
        }
        catch (FormatException exception)
        {
            throw new JsonException(exception.Message, exception);
        }
    }

    public override void Write(Utf8JsonWriter writer, TokenPruning value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
