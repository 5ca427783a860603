using System.Globalization;
using System.Text.Json;
using static LoraRecycle.Core.Safetensors.SafetensorsException;

namespace LoraRecycle.Core.Adapters.Storage;

/// <summary>
/// The settings beside an adapter's tensors (<c>adapter_config.json</c>). They come from strangers, so every value is
/// asked for with its type, and a wrong one is an error that names it.
/// </summary>
public sealed class AdapterConfig
{
    public const string FileName = "adapter_config.json";

    private const long MaxLength = 4_000_000;
    private const int MaxDepth = 16;

    private readonly JsonElement _root;

    private AdapterConfig(JsonElement root) => _root = root;

    /// <summary>PEFT's name of the family (<c>LORA</c>), or empty.</summary>
    public string PeftType => Text("peft_type") ?? "";

    /// <summary>The family's name here, where PEFT has none for it (<c>lora-xs</c>), or empty.</summary>
    public string Family => Text("family") ?? "";

    /// <summary>The last part of the path of the model that it was made for; null where it is not said.</summary>
    public string? BaseModelName =>
        Text("base_model_name_or_path")?.TrimEnd('/') is { Length: > 0 } path ? path[(path.LastIndexOf('/') + 1)..] : null;

    /// <summary>The names of all settings in the file.</summary>
    public IEnumerable<string> Names => _root.EnumerateObject().Select(setting => setting.Name);

    /// <exception cref="AdapterException">The file cannot be read, or is not a JSON object.</exception>
    public static AdapterConfig Read(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            if (stream.Length > MaxLength)
                throw new AdapterException($"{Quote(path)} has {stream.Length} bytes; at most {MaxLength} are read.");
            using var document = JsonDocument.Parse(
                stream, new JsonDocumentOptions { MaxDepth = MaxDepth, AllowDuplicateProperties = false });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new AdapterException($"{Quote(path)} must hold a JSON object.");
            DecodeTexts(document.RootElement);
            return new(document.RootElement.Clone());
        }
        catch (Exception exception)
            when (exception is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            throw new AdapterException($"{Quote(path)} cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>Whether a setting says anything: it is there, and not null, false, or empty.</summary>
    public bool IsSet(string name) => Find(name) is { } value && value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.False => false,
        JsonValueKind.Array => value.GetArrayLength() > 0,
        JsonValueKind.Object => value.EnumerateObject().Any(),
        JsonValueKind.String => value.GetString() != "",
        _ => true,
    };

    /// <summary>Whether a setting turns something on by itself: <c>true</c>, or an object or list of further settings.</summary>
    public bool IsSwitch(string name) =>
        Find(name) is { ValueKind: JsonValueKind.True or JsonValueKind.Object or JsonValueKind.Array } && IsSet(name);

    /// <summary>A yes or no; no where it is missing.</summary>
    public bool Flag(string name) => Find(name) switch
    {
        null or { ValueKind: JsonValueKind.Null or JsonValueKind.False } => false,
        { ValueKind: JsonValueKind.True } => true,
        { } value => throw Wrong(name, value, "true or false"),
    };

    /// <summary>A text, or null where it is missing or something else.</summary>
    public string? Text(string name) => Find(name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    /// <summary>A number that must be there.</summary>
    public double Number(string name) =>
        Find(name) is { } value ? ToNumber(name, value) : throw new AdapterException($"{FileName} has no {name}.");

    /// <summary>A whole number that must be there.</summary>
    /// <exception cref="AdapterException">It is missing, or not a whole number of that range.</exception>
    public long Whole(string name, long least, long most)
    {
        var value = Number(name);
        return value >= least && value <= most && value == Math.Floor(value)
            ? (long)value
            : throw new AdapterException(string.Create(
                CultureInfo.InvariantCulture, $"{FileName} has {name} = {value}; expected a whole number from {least} to {most}."));
    }

    /// <summary>A list of texts, or null where it is missing or something else.</summary>
    public IReadOnlyList<string>? Texts(string name) =>
        Find(name) is { ValueKind: JsonValueKind.Array } value
            ?
            [
                .. value
                    .EnumerateArray()
                    .Select(item => item.ValueKind == JsonValueKind.String ? item.GetString()! : throw Wrong(name, item, "a text")),
            ]
            : null;

    /// <summary>A list of whole numbers, or a single one; null where it is missing.</summary>
    /// <exception cref="AdapterException">It is something else.</exception>
    public IReadOnlyList<long>? WholeNumbers(string name) => Find(name) switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.Array } value => [.. value.EnumerateArray().Select(item => ToWhole(name, item))],
        { } value => [ToWhole(name, value)],
    };

    /// <summary>Settings within the settings; null where they are missing.</summary>
    /// <exception cref="AdapterException">It is something else.</exception>
    public AdapterConfig? Section(string name) => Find(name) switch
    {
        null or { ValueKind: JsonValueKind.Null or JsonValueKind.False } => null,
        { ValueKind: JsonValueKind.Object } value => new(value),
        { } value => throw Wrong(name, value, "an object of settings"),
    };

    /// <summary>An object of numbers, in the file's order; empty where it is missing.</summary>
    public IReadOnlyList<KeyValuePair<string, double>> Numbers(string name) =>
        Find(name) switch
        {
            null or { ValueKind: JsonValueKind.Null } => [],
            { ValueKind: JsonValueKind.Object } value =>
            [
                .. value
                    .EnumerateObject()
                    .Select(item => KeyValuePair.Create(item.Name, ToNumber($"{name}[{Quote(item.Name)}]", item.Value))),
            ],
            { } value => throw Wrong(name, value, "an object of numbers"),
        };

    /// <summary>Texts are decoded on use; doing it once here finds those that are not valid before anything relies on them.</summary>
    /// <exception cref="InvalidOperationException">A text is not valid UTF-8 or UTF-16.</exception>
    private static void DecodeTexts(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.String)
            _ = element.GetString();
        if (element.ValueKind == JsonValueKind.Array)
            foreach (var item in element.EnumerateArray())
                DecodeTexts(item);
        if (element.ValueKind == JsonValueKind.Object)
            foreach (var property in element.EnumerateObject())
            {
                _ = property.Name;
                DecodeTexts(property.Value);
            }
    }

    private static long ToWhole(string name, JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : throw Wrong(name, value, "whole numbers");

    private static double ToNumber(string name, JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number)
            ? number
            : throw Wrong(name, value, "a finite number");

    private static AdapterException Wrong(string name, JsonElement value, string expected) =>
        new($"{FileName} has {name} = {Quote(value.GetRawText())}; expected {expected}.");

    private JsonElement? Find(string name) => _root.TryGetProperty(name, out var value) ? value : null;
}
