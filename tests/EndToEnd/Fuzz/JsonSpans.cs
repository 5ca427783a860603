using System.Text;
using System.Text.Json;

namespace LoraRecycle.EndToEnd.Fuzz;

/// <summary>Where the values and the names of a JSON text are.</summary>
internal static class JsonSpans
{
    /// <summary>The start and end of every name, of every value, and of every whole array and object; none where the text is no
    /// JSON.</summary>
    public static IReadOnlyList<(int Start, int End)> Of(string text)
    {
        var spans = new List<(int, int)>();
        var opened = new Stack<int>();
        var bytes = Encoding.UTF8.GetBytes(text);
        // Offsets of bytes are those of characters only where all are ASCII, as seeds are.
        if (bytes.Length != text.Length)
            return spans;
        try
        {
            var reader = new Utf8JsonReader(bytes);
            while (reader.Read())
            {
                var (start, end) = ((int)reader.TokenStartIndex, (int)reader.BytesConsumed);
                if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject)
                    opened.Push(start);
                else if (reader.TokenType is JsonTokenType.EndArray or JsonTokenType.EndObject)
                    spans.Add((opened.Pop(), end));
                else
                    spans.Add((start, reader.TokenType == JsonTokenType.PropertyName ? text.LastIndexOf('"', end - 1) + 1 : end));
            }
        }
        catch (JsonException)
        {
            return [];
        }
        return spans;
    }
}
