using System.Text.Json;
using static LoraRecycle.Core.Safetensors.SafetensorsException;

namespace LoraRecycle.Core.Safetensors;

/// <summary>
/// Reads a header's JSON token by token, without building a tree of it: what a hostile header can make this allocate is
/// bounded by its own length.
/// </summary>
internal static class SafetensorsHeaderParser
{
    // The header, an entry, and the entry's arrays.
    private const int MaxDepth = 3;

    // Far above any model's, and below what would cost time in a tensor library.
    private const int MaxDimensions = 32;

    private const string EntryShape = "{\"dtype\": ..., \"shape\": [...], \"data_offsets\": [begin, end]}";

    public static SafetensorsHeader Parse(ReadOnlySpan<byte> json)
    {
        if (json.IsEmpty || json[0] != (byte)'{')
            throw new SafetensorsException("the header does not start with '{'; this is not a safetensors file.");

        var entries = new Dictionary<string, SafetensorsEntry>(StringComparer.Ordinal);
        Dictionary<string, string>? metadata = null;
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
            reader.Read();
            while (NextName(ref reader) is { } name)
            {
                if (name == SafetensorsHeader.MetadataKey)
                    metadata = metadata is null ? ReadMetadata(ref reader) : throw Twice(name);
                else if (entries.Count == SafetensorsHeader.MaxTensors)
                    throw new SafetensorsException(
                        $"the header describes more than {SafetensorsHeader.MaxTensors} tensors; split the file into several.");
                else if (!entries.TryAdd(name, ReadEntry(ref reader, name)))
                    throw Twice(name);
            }

            // Only white space may follow; the reader itself refuses anything else.
            reader.Read();
        }
        catch (JsonException exception)
        {
            throw new SafetensorsException($"the header is not valid JSON: {exception.Message}", exception);
        }
        catch (InvalidOperationException exception)
        {
            // How the JSON reader refuses text that is not valid UTF-8.
            throw new SafetensorsException("the header holds text that is not valid UTF-8.", exception);
        }

        return new(entries, metadata ?? []);
    }

    private static Dictionary<string, string> ReadMetadata(ref Utf8JsonReader reader)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw new SafetensorsException($"{SafetensorsHeader.MetadataKey} must be an object of strings.");
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        while (NextName(ref reader) is { } key)
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.String)
                throw new SafetensorsException($"{SafetensorsHeader.MetadataKey} has {Quote(key)}, which is not a string.");
            if (metadata.Count == SafetensorsHeader.MaxNotes)
                throw new SafetensorsException(
                    $"{SafetensorsHeader.MetadataKey} has more than {SafetensorsHeader.MaxNotes} strings; write fewer of them.");
            if (!metadata.TryAdd(key, reader.GetString()!))
                throw Twice(key);
        }

        return metadata;
    }

    private static SafetensorsEntry ReadEntry(ref Utf8JsonReader reader, string name)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw new SafetensorsException($"tensor {Quote(name)} must be described as {EntryShape}.");

        SafetensorsDType? dtype = null;
        List<long>? shape = null, offsets = null;
        while (NextName(ref reader) is { } field)
        {
            switch (field)
            {
                case "dtype" when dtype is null:
                    dtype = ReadDType(ref reader, name);
                    break;
                case "shape" when shape is null:
                    shape = ReadIntegers(ref reader, name, field, MaxDimensions);
                    break;
                case "data_offsets" when offsets is null:
                    offsets = ReadIntegers(ref reader, name, field, 2);
                    break;
                default:
                    throw new SafetensorsException(
                        $"tensor {Quote(name)} has an unknown or repeated field {Quote(field)}; expected {EntryShape}.");
            }
        }

        if (dtype is null || shape is null || offsets is not [var begin, var end])
            throw new SafetensorsException($"tensor {Quote(name)} lacks dtype, shape or data_offsets; expected {EntryShape}.");
        if (begin > end)
            throw new SafetensorsException($"tensor {Quote(name)} ends at byte {end}, before its start at byte {begin}.");

        var length = ByteLength(name, dtype.Value, shape);
        if (length != end - begin)
            throw new SafetensorsException(
                $"tensor {Quote(name)} of shape [{string.Join(", ", shape)}] and type {dtype} takes {length} bytes, "
                + $"but its data_offsets give it {end - begin}.");
        return new(name, dtype.Value, shape, begin, length);
    }

    private static SafetensorsDType ReadDType(ref Utf8JsonReader reader, string name)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.String)
            throw new SafetensorsException($"tensor {Quote(name)} has a dtype that is not a string.");
        var text = reader.GetString()!;
        return SafetensorsDTypes.TryParse(text, out var dtype)
            ? dtype
            : throw new SafetensorsException(
                $"tensor {Quote(name)} has dtype {Quote(text)}; supported are {string.Join(", ", SafetensorsDTypes.Names)}.");
    }

    private static List<long> ReadIntegers(ref Utf8JsonReader reader, string name, string field, int most)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
            throw new SafetensorsException($"tensor {Quote(name)} has a {field} that is not an array.");
        var integers = new List<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var integer) || integer < 0)
                throw new SafetensorsException(
                    $"tensor {Quote(name)} has a {field} with something other than integers from 0 to 2^63 - 1."
                );
            if (integers.Count == most)
                throw new SafetensorsException($"tensor {Quote(name)} has a {field} of more than {most} numbers.");
            integers.Add(integer);
        }

        return integers;
    }

    private static long ByteLength(string name, SafetensorsDType dtype, List<long> shape)
    {
        try
        {
            var bits = shape.Aggregate((long)dtype.Bits(), (product, size) => checked(product * size));
            return bits % 8 == 0
                ? bits / 8
                : throw new SafetensorsException(
                    $"tensor {Quote(name)} of shape [{string.Join(", ", shape)}] and type {dtype} takes {bits} bits, no whole bytes.");
        }
        catch (OverflowException exception)
        {
            throw new SafetensorsException(
                $"tensor {Quote(name)} of shape [{string.Join(", ", shape)}] is larger than any file can be.", exception);
        }
    }

    /// <summary>The next property's name, or null at the end of the object.</summary>
    private static string? NextName(ref Utf8JsonReader reader) =>
        reader.Read() && reader.TokenType == JsonTokenType.PropertyName ? reader.GetString() : null;

    private static SafetensorsException Twice(string name) => new($"the header has {Quote(name)} twice.");
}
