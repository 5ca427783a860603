using System.Text.Json;

namespace LoraRecycle.Core.Vision.Loading.Families;

/// <summary>Reads settings of config.json, which leaves out what equals its class's default.</summary>
internal static class ConfigJson
{
    public static int Int(this JsonElement config, string name, int fallback) =>
        !config.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null ? fallback
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number
        : throw Unexpected(name, "an integer", value);

    /// <summary>Both edges of a square in pixels: a number, or two equal ones in a list.</summary>
    public static int Edge(this JsonElement config, string name, int fallback)
    {
        if (!config.TryGetProperty(name, out var value) || value.ValueKind != JsonValueKind.Array) return config.Int(name, fallback);
        var edges = value.EnumerateArray().Select(edge => edge.ValueKind == JsonValueKind.Number && edge.TryGetInt32(out var n) ? n : -1);
        return edges.ToArray() is [> 0 and var height, var width] && height == width
            ? height
            : throw Unexpected(name, "an integer or a list of two equal ones, as only squares are supported,", value);
    }

    public static double Double(this JsonElement config, string name, double fallback) =>
        !config.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null ? fallback
        : value.ValueKind == JsonValueKind.Number ? value.GetDouble()
        : throw Unexpected(name, "a number", value);

    public static bool Bool(this JsonElement config, string name, bool fallback) =>
        !config.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null ? fallback
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
        : throw Unexpected(name, "true or false", value);

    public static string Text(this JsonElement config, string name, string fallback) =>
        !config.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null ? fallback
        : value.ValueKind == JsonValueKind.String ? value.GetString()!
        : throw Unexpected(name, "a string", value);

    /// <summary>The <c>vision_config</c> of a model of pictures and text, or the configuration itself.</summary>
    public static JsonElement Vision(this JsonElement config) =>
        config.TryGetProperty("vision_config", out var vision) && vision.ValueKind == JsonValueKind.Object ? vision : config;

    /// <summary>The name of the method by which the weights were quantised; null where the configuration says nothing of it.</summary>
    public static string? Quantization(this JsonElement config)
    {
        var (whole, vision) = (Section(config), Section(config.Vision()));
        return (whole ?? vision) is not { } section ? null
            : section.TryGetProperty("quant_method", out var method) && method.ValueKind == JsonValueKind.String ? method.GetString()
            : "of an unnamed method";

        static JsonElement? Section(JsonElement config) =>
            config.TryGetProperty("quantization_config", out var section) && section.ValueKind == JsonValueKind.Object ? section : null;
    }

    private static ModelException Unexpected(string name, string expected, JsonElement value) =>
        new($"config.json: expected {expected} for '{name}', got {value.GetRawText()}.");
}
