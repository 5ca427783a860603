using System.Buffers;
using System.Text;
using System.Text.Json;
using LoraRecycle.Service.Platform.Http.Errors;

namespace LoraRecycle.Service.Platform.Http.Bodies;

/// <summary>An object within a body that is parsed as it arrives, put together again from its tokens, for whoever knows its members.
/// </summary>
/// <param name="field">The request's name of it.</param>
internal sealed class CollectedObject(string field) : IDisposable
{
    /// <summary>Most bytes of its text.</summary>
    public const int MaxLength = 16 << 10;

    private readonly ArrayBufferWriter<byte> _text = new();
    private Utf8JsonWriter? _writer;

    /// <summary>Takes the token that the reader is at.</summary>
    /// <returns>The object's text when this was its end; null before.</returns>
    /// <exception cref="ProblemException">It is too long.</exception>
    public string? Take(ref Utf8JsonReader reader)
    {
        // Whether a name comes twice is for those to say who read the text.
        var writer = _writer ??= new Utf8JsonWriter(_text, new JsonWriterOptions { SkipValidation = true });
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject: writer.WriteStartObject(); break;
            case JsonTokenType.EndObject: writer.WriteEndObject(); break;
            case JsonTokenType.StartArray: writer.WriteStartArray(); break;
            case JsonTokenType.EndArray: writer.WriteEndArray(); break;
            case JsonTokenType.PropertyName: writer.WritePropertyName(reader.GetString()!); break;
            case JsonTokenType.String: writer.WriteStringValue(reader.GetString()); break;
            case JsonTokenType.Number:
                writer.WriteRawValue(reader.HasValueSequence ? reader.ValueSequence.ToArray() : reader.ValueSpan.ToArray());
                break;
            case JsonTokenType.Null: writer.WriteNullValue(); break;
            default: writer.WriteBooleanValue(reader.GetBoolean()); break;
        }
        if (writer.BytesPending + writer.BytesCommitted > MaxLength)
            throw new ProblemException(Problems.WrongType, $"Expected at most {MaxLength} bytes; found more.", field);
        if (writer.CurrentDepth > 0)
            return null;
        writer.Flush();
        return Encoding.UTF8.GetString(_text.WrittenSpan);
    }

    public void Dispose() => _writer?.Dispose();
}
