using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using LoraRecycle.Service.Platform.Http.Errors;

namespace LoraRecycle.Service.Features.Recycling.Requests;

/// <summary>JSON of a client that must be of a known shape: a member that does not exist is refused, wherever it is.</summary>
internal static class StrictJson
{
    private const int Shown = 64;

    /// <summary>Reads what a client sent.</summary>
    /// <param name="element">The JSON.</param>
    /// <param name="type">What it shall be.</param>
    /// <param name="field">Where it is in the request; empty for all of it.</param>
    /// <exception cref="ProblemException">It has a member that does not exist, or one of the wrong type.</exception>
    public static T Read<T>(JsonElement element, JsonTypeInfo<T> type, string field)
    {
        RequireKnown(element, type, field);
        return Convert(() => element.Deserialize(type), field);
    }

    /// <summary>Changes of some settings what a client sent, and leaves the others as they are.</summary>
    /// <param name="settings">All of them.</param>
    /// <param name="changes">The JSON.</param>
    /// <param name="type">What it shall be.</param>
    /// <param name="field">Where it is in the request.</param>
    /// <param name="except">A member that is not the client's to change; null for none.</param>
    /// <exception cref="ProblemException">It has a member that does not exist, or one of the wrong type.</exception>
    public static T Overlay<T>(T settings, JsonElement changes, JsonTypeInfo<T> type, string field, string? except = null)
    {
        RequireKnown(changes, type, field, except);
        var merged = JsonSerializer.SerializeToNode(settings, type)!.AsObject();
        Merge(merged, changes);
        return Convert(() => merged.Deserialize(type), field);
    }

    /// <summary>The field of a member, as the client wrote it.</summary>
    public static string Member(string field, string name)
    {
        var shown = name.Length <= Shown ? name : $"{name[..Shown]}...";
        return field.Length == 0 ? shown : $"{field}.{shown}";
    }

    private static void Merge(JsonObject target, JsonElement changes)
    {
        foreach (var change in changes.EnumerateObject())
            if (change.Value.ValueKind == JsonValueKind.Object && target[change.Name] is JsonObject inner)
                Merge(inner, change.Value);
            else
                target[change.Name] = JsonNode.Parse(change.Value.GetRawText());
    }

    private static void RequireKnown(JsonElement element, JsonTypeInfo type, string field, string? except = null)
    {
        var properties = type.Properties.Where(property => property.Name != except).ToArray();
        if (element.ValueKind != JsonValueKind.Object)
            throw new ProblemException(Problems.WrongType, "Expected an object; found something else.", field.Length == 0 ? null : field);
        foreach (var member in element.EnumerateObject())
        {
            var known = properties.FirstOrDefault(property => property.Name == member.Name)
                ?? throw new ProblemException(
                    Problems.UnknownField,
                    $"Expected one of {string.Join(", ", properties.Select(property => property.Name))} (names are "
                        + "case-sensitive); found another field.",
                    Member(field, member.Name)
                );
            RequireNamed(known.PropertyType, member.Value, Member(field, member.Name));
            if (
                member.Value.ValueKind == JsonValueKind.Object
                && type.Options.GetTypeInfo(known.PropertyType) is { Kind: JsonTypeInfoKind.Object } inner
                && inner.Properties.Count > 0
            )
                RequireKnown(member.Value, inner, Member(field, member.Name));
        }
    }

    /// <summary>Of an enumeration, what the choice is.</summary>
    private static void RequireNamed(Type type, JsonElement value, string field)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (!type.IsEnum || value.ValueKind != JsonValueKind.String)
            return;
        string[] names = [.. Enum.GetNames(type).Select(JsonNamingPolicy.CamelCase.ConvertName)];
        if (!names.Contains(value.GetString(), StringComparer.OrdinalIgnoreCase))
            throw new ProblemException(Problems.WrongType, $"Expected one of {string.Join(", ", names)}; found another value.", field);
    }

    private static T Convert<T>(Func<T?> read, string field)
    {
        try
        {
            return read()
                ?? throw new ProblemException(Problems.WrongType, "Expected an object; found null.", field.Length == 0 ? null : field);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            var path = (exception as JsonException)?.Path?.TrimStart('$').TrimStart('.') ?? "";
            var at = path.Length == 0 ? field : Member(field, path);
            throw new ProblemException(
                Problems.WrongType,
                "Expected a value of another type or form; see docs/api.md and the OpenAPI document.",
                at.Length == 0 ? null : at
            );
        }
    }
}
