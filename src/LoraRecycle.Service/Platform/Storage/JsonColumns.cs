using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace LoraRecycle.Service.Platform.Storage;

internal static class JsonColumns
{
    /// <summary>Keeps a value as JSON text. It must not change in place: what is saved is another value, or the same one.</summary>
    public static PropertyBuilder HasJson<T>(this PropertyBuilder property, JsonTypeInfo<T> json) where T : class =>
        property.HasConversion(
            new ValueConverter<T, string>(
                value => JsonSerializer.Serialize(value, json),
                text => JsonSerializer.Deserialize(text, json)!
            ),
            new ValueComparer<T>(favorStructuralComparisons: false)
        );
}
