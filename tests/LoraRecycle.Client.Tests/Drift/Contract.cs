using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace LoraRecycle.Client.Tests.Drift;

/// <summary>Holds the client's types against the schemas of the same names.</summary>
internal sealed class Contract(OpenApiDocument document)
{
    private static readonly NullabilityInfoContext Nullability = new();

    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly List<string> _differences = [];

    public IReadOnlyList<string> Differences => _differences;

    /// <summary>The types that were compared.</summary>
    public IReadOnlySet<string> Seen => _seen;

    public static Type? TypeOf(string name) =>
        typeof(LoraRecycleClient).Assembly.GetType($"{typeof(LoraRecycleClient).Namespace}.Contracts.{name}");

    /// <summary>Compares a type, and those of its properties.</summary>
    public void Compare(string name)
    {
        if (!_seen.Add(name))
            return;
        if (TypeOf(name) is not { } type)
        {
            _differences.Add($"{name}: the document has it, the client lacks it");
            return;
        }
        var properties = type.GetProperties()
            .Where(property => property.GetCustomAttribute<JsonIgnoreAttribute>() is null && property.Name != "EqualityContract")
            .ToDictionary(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name));
        var described = document.Schema(name)["properties"]!.AsObject().ToDictionary();
        _differences.AddRange(described.Keys.Except(properties.Keys).Select(one => $"{name}.{one}: the client lacks it"));
        _differences.AddRange(properties.Keys.Except(described.Keys).Select(one => $"{name}.{one}: the document lacks it"));
        foreach (var (member, schema) in described.Where(one => properties.ContainsKey(one.Key)))
        {
            var found = ShownType(Nullability.Create(properties[member]));
            var expected = ShownSchema(schema!);
            // What refers to another schema cannot say in OpenAPI 3.0 that it may be null.
            if (OpenApiDocument.NameOf(schema!) is not null)
                found = found.TrimEnd('?');
            if (expected != found && !found.StartsWith(nameof(JsonObject), StringComparison.Ordinal))
                _differences.Add($"{name}.{member}: the document has {expected}, the client {found}");
        }
    }

    private string ShownSchema(JsonNode schema)
    {
        if (OpenApiDocument.NameOf(schema) is { } name)
        {
            if (TypeOf(name) is not null || document.Schema(name)["properties"] is null)
                Compare(name);
            return name;
        }
        var shown = ((string?)schema["type"], (string?)schema["format"]) switch
        {
            ("array", _) => $"[{ShownSchema(schema["items"]!)}]",
            ("string", "date-time") => nameof(DateTimeOffset),
            ("string", _) => nameof(String),
            ("boolean", _) => nameof(Boolean),
            ("integer", "int32") => nameof(Int32),
            ("integer", "int64") => nameof(Int64),
            ("number", "float") => nameof(Single),
            ("number", "double") => nameof(Double),
            ("object", _) => (string?)schema["additionalProperties"]?["type"] is { } value ? $"{{{value}}}" : nameof(JsonObject),
            var other => other.ToString(),
        };
        return (bool?)schema["nullable"] == true ? $"{shown}?" : shown;
    }

    private static string ShownType(NullabilityInfo info)
    {
        var type = Nullable.GetUnderlyingType(info.Type) ?? info.Type;
        var shown = !type.IsGenericType ? type.Name
            : type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>)
                ? $"{{{type.GenericTypeArguments[1].Name.ToLowerInvariant()}}}"
            : $"[{ShownType(info.GenericTypeArguments[0])}]";
        return info.ReadState == NullabilityState.Nullable ? $"{shown}?" : shown;
    }
}
