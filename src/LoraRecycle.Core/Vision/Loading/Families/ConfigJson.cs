using System.Text.Json;

namespace LoraRecycle.Core.Vision.Loading.Families;

/// <summary>Reads settings of config.json, which leaves out what equals its class's default.</summary>
internal static class ConfigJson
{
    public static int Int(this JsonElement config, string name, int fallback) =>
        !config.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null ? fallback
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number
        : throw Unexpected(name, "an integer", value);

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

    private static ModelException Unexpected(string name, string expected, JsonElement value) =>
        new($"config.json: expected {expected} for '{name}', got {value.GetRawText()}.");
}
