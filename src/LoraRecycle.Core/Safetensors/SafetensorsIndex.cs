using System.Text.Json;
using static LoraRecycle.Core.Safetensors.SafetensorsException;

namespace LoraRecycle.Core.Safetensors;

/// <summary>The index of a checkpoint that is cut into several files: which file holds which tensor.</summary>
internal static class SafetensorsIndex
{
    private const long MaxLength = SafetensorsHeader.MaxLength;
    private const int MaxDepth = 16;

    /// <summary>Reads <c>*.safetensors.index.json</c>.</summary>
    /// <returns>The file name of each tensor's shard, by tensor name.</returns>
    /// <exception cref="SafetensorsException">The index cannot be read, or names a file outside its own folder.</exception>
    public static IReadOnlyDictionary<string, string> Read(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            if (stream.Length > MaxLength)
                throw new SafetensorsException($"it has {stream.Length} bytes; at most {MaxLength} are read.");
            using var document = JsonDocument.Parse(
                stream, new JsonDocumentOptions { MaxDepth = MaxDepth, AllowDuplicateProperties = false });
            if (document.RootElement.ValueKind != JsonValueKind.Object
                || !document.RootElement.TryGetProperty("weight_map", out var map)
                || map.ValueKind != JsonValueKind.Object)
                throw new SafetensorsException("it has no object named weight_map.");
            return map.EnumerateObject().ToDictionary(entry => entry.Name, Shard, StringComparer.Ordinal);
        }
        catch (Exception exception)
            when (exception
                    is IOException
                        or UnauthorizedAccessException
                        or NotSupportedException
                        or JsonException
                        or InvalidOperationException
                        or SafetensorsException
            )
        {
            throw new SafetensorsException($"the index {Quote(path)} cannot be read: {exception.Message}", exception);
        }
    }

    private static string Shard(JsonProperty entry)
    {
        var shard = entry.Value.ValueKind == JsonValueKind.String ? entry.Value.GetString()! : "";

        // An index comes from strangers: it may name its neighbours and nothing else on this machine.
        var isFileName = shard.EndsWith(".safetensors", StringComparison.Ordinal) && shard.AsSpan().IndexOfAny("/\\:\0") < 0;
        return isFileName
            ? shard
            : throw new SafetensorsException(
                $"tensor {Quote(entry.Name)} is listed in {Quote(shard)}; expected the plain name of a .safetensors file in the "
                    + "same folder."
            );
    }
}
