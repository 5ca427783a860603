using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace LoraRecycle.Client.Tests.Drift;

/// <summary>What the service says of itself at <c>/swagger/v1/swagger.json</c>.</summary>
internal sealed class OpenApiDocument(JsonNode root)
{
    /// <summary>For each operation, such as <c>GET /tasks/{id}</c>, what the document has of it.</summary>
    public IReadOnlyDictionary<string, JsonNode> Operations { get; } = root["paths"]!.AsObject()
        .SelectMany(path =>
            path.Value!.AsObject().Select(verb => KeyValuePair.Create($"{verb.Key.ToUpperInvariant()} {path.Key}", verb.Value!))
        )
        .ToDictionary();

    public static async Task<OpenApiDocument> ReadAsync(string server)
    {
        using var http = new HttpClient();
        var text = await http.GetStringAsync(new Uri($"{server}/swagger/v1/swagger.json"), TestContext.Current.CancellationToken);
        return new OpenApiDocument(JsonNode.Parse(text)!);
    }

    /// <summary>The operation that answers a request; its template with the fewest parameters, as the service chooses.</summary>
    public string? OperationOf(HttpMethod verb, string path) => Operations.Keys
        .Where(operation => operation.StartsWith($"{verb} ", StringComparison.Ordinal))
        .Where(operation => Regex.IsMatch($"{verb} {path}", $"^{Regex.Replace(Regex.Escape(operation), @"\\\{[a-z]+}", "[^/]+")}$"))
        .MinBy(operation => operation.Count(character => character == '{'));

    /// <summary>The schema that a reference leads to.</summary>
    public JsonNode Resolve(JsonNode schema) => NameOf(schema) is { } name ? Schema(name) : schema;

    public JsonNode Schema(string name) => root["components"]!["schemas"]![name]!;

    /// <summary>Null for a schema without a name.</summary>
    public static string? NameOf(JsonNode schema) => ((string?)schema["$ref"])?.Split('/')[^1];

    public static IEnumerable<string> QueryOf(JsonNode operation) =>
        from parameter in operation["parameters"]?.AsArray() ?? []
        where (string)parameter!["in"]! == "query"
        select (string)parameter["name"]!;

    /// <summary>The first answer of success: its status and, by media type, its schema.</summary>
    public static (int Status, string? MediaType, JsonNode? Schema) AnswerOf(JsonNode operation)
    {
        var (status, answer) = operation["responses"]!.AsObject().First(one => one.Key[0] == '2');
        var content = answer!["content"]?.AsObject().First();
        return (int.Parse(status, System.Globalization.CultureInfo.InvariantCulture), content?.Key, content?.Value!["schema"]);
    }

    /// <summary>JSON of a schema, in which everything has a value.</summary>
    public JsonNode Sample(JsonNode schema)
    {
        schema = Resolve(schema);
        if (schema["enum"] is { } names)
            return names[0]!.DeepClone();
        return (string?)schema["type"] switch
        {
            "integer" => 1,
            "number" => 0.5,
            "boolean" => true,
            "array" => new JsonArray(Sample(schema["items"]!)),
            "string" => (string?)schema["format"] == "date-time" ? "2026-01-01T12:00:00+00:00" : "x",
            _ => new JsonObject((schema["properties"]?.AsObject() ?? new JsonObject { ["any"] = new JsonObject { ["type"] = "string" } })
                .Select(one => KeyValuePair.Create(one.Key, (JsonNode?)Sample(one.Value!)))),
        };
    }
}
