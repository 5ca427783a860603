using System.Text.Json;
using LoraRecycle.Core.Foundation.Files;

namespace LoraRecycle.Service.Features.MetaLoras;

/// <summary>
/// What the <c>run.json</c> of a meta-LoRA tells a client: its single values and its settings. Curves and lists are left
/// out, and whatever else a later version may write.
/// </summary>
internal static class RunSummary
{
    private const string Settings = "settings";
    private const int MaxBytes = 4 << 20;
    private const int MaxText = 500;

    /// <returns>Null where there is no such file, or it is no JSON object: a meta-LoRA can be used without it.</returns>
    public static IReadOnlyDictionary<string, JsonElement>? Read(string directory)
    {
        var file = new FileInfo(Path.Combine(directory, RunFile.Name));
        if (!file.Exists || file.Length > MaxBytes)
            return null;
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file.FullName));
            return document.RootElement.ValueKind != JsonValueKind.Object
                ? null
                : document.RootElement.EnumerateObject().Where(member => IsShown(member.Name, member.Value))
                    .DistinctBy(member => member.Name).ToDictionary(member => member.Name, member => member.Value.Clone());
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static bool IsShown(string name, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetRawText().Length <= MaxText,
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => true,
        JsonValueKind.Object => name.Equals(Settings, StringComparison.OrdinalIgnoreCase),
        _ => false,
    };
}
