using System.Text.Json;
using System.Text.Json.Serialization;
using LoraRecycle.Core.Foundation.Files;

namespace LoraRecycle.Core.Method.Inversion.Building;

/// <summary>Why LoRAs of a folder have no pools (<c>NAME.failed.json</c>), so that a run that is taken up does not invert them again to no
/// avail.</summary>
/// <param name="root">The folder of pools.</param>
internal sealed class FailureNotes(string root)
{
    /// <summary>The reason why this very LoRA failed with these very settings; null where it did not.</summary>
    public string? Find(InversionSource source, InversionSettings settings)
    {
        var path = PathOf(source);
        if (!File.Exists(path)) return null;
        try
        {
            var note = JsonSerializer.Deserialize(File.ReadAllBytes(path), FailureJson.Default.FailureNote);
            return note is not null && note.LoraRevision == source.Adapter.Revision && note.Settings.MakesTheSameAs(settings)
                ? note.Reason
                : null;
        }
        catch (JsonException)
        {
            return null; // damaged: tried again
        }
    }

    public void Write(InversionSource source, InversionSettings settings, string reason) => WholeFile.Write(PathOf(source), stream =>
        JsonSerializer.Serialize(stream, new FailureNote(source.Adapter.Revision, settings, reason), FailureJson.Default.FailureNote));

    public void Remove(InversionSource source) => File.Delete(PathOf(source));

    private string PathOf(InversionSource source) => Path.Combine(root, $"{source.Name}.failed.json");
}

internal sealed record FailureNote(string LoraRevision, InversionSettings Settings, string Reason);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true
)]
[JsonSerializable(typeof(FailureNote))]
internal sealed partial class FailureJson : JsonSerializerContext;
