using System.Text.Json;
using System.Text.Json.Serialization;

namespace LoraRecycle.Core.Imaging.Preprocessing;

/// <summary><c>preprocessor_config.json</c> as it is written: every key may be missing, and some have had several shapes.</summary>
internal sealed record PreprocessorConfigFile
{
    public string? ImageProcessorType { get; init; }

    /// <summary>What files from before transformers 4.26 have instead.</summary>
    public string? FeatureExtractorType { get; init; }

    public bool? DoResize { get; init; }

    public JsonElement? Size { get; init; }

    public int? Resample { get; init; }

    public bool? DoCenterCrop { get; init; }

    public JsonElement? CropSize { get; init; }

    public bool? DoRescale { get; init; }

    public double? RescaleFactor { get; init; }

    public bool? DoNormalize { get; init; }

    public JsonElement? ImageMean { get; init; }

    public JsonElement? ImageStd { get; init; }

    public bool? DoPad { get; init; }

    private const string Within = "image_processor";

    /// <summary>Whether a processor's file has the settings of its image processor within.</summary>
    /// <exception cref="InvalidDataException">It is no JSON.</exception>
    public static bool IsWithin(byte[] json, string source)
    {
        using var document = Opened(json, new PreprocessorConfigReader(source));
        return Inner(document) is not null;
    }

    /// <param name="json">The content.</param>
    /// <param name="source">Where it comes from, for messages.</param>
    /// <param name="modelType">See <see cref="PreprocessorConfig.Read"/>.</param>
    public static PreprocessorConfig Parse(byte[] json, string source, string? modelType)
    {
        var reader = new PreprocessorConfigReader(source);
        using var document = Opened(json, reader);
        var settings = Inner(document) ?? document.RootElement;
        try
        {
            var file = JsonSerializer.Deserialize(settings, PreprocessorConfigJson.Default.PreprocessorConfigFile)
                ?? throw reader.Wrong("the file", "an object", "null");
            return reader.Read(file, modelType);
        }
        catch (JsonException broken)
        {
            var key = broken.Path?.TrimStart('$', '.') ?? "";
            throw settings.ValueKind == JsonValueKind.Object && settings.TryGetProperty(key, out var value)
                ? reader.Wrong(key, "of the type that transformers writes", value.GetRawText(), broken)
                : reader.Wrong("the file", "an object of settings", $"{settings.ValueKind}", broken);
        }
    }

    private static JsonElement? Inner(JsonDocument document) =>
        document.RootElement.ValueKind == JsonValueKind.Object
        && document.RootElement.TryGetProperty(Within, out var inner)
        && inner.ValueKind == JsonValueKind.Object
            ? inner
            : null;

    private static JsonDocument Opened(byte[] json, PreprocessorConfigReader reader)
    {
        try
        {
            // A stream's byte order mark is passed over; that of bytes is not.
            using var stream = new MemoryStream(json);
            return JsonDocument.Parse(stream);
        }
        catch (JsonException broken)
        {
            throw reader.Wrong("the file", "the JSON that transformers writes", broken.Message, broken);
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(PreprocessorConfigFile))]
internal sealed partial class PreprocessorConfigJson : JsonSerializerContext;
