using System.Text.Json;
using LoraRecycle.Service.Features.Recycling.Settings;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace LoraRecycle.Service.Features.Recycling.Jobs;

/// <summary>The settings of jobs of all kinds in one column. Which they are is told by their members, since those of recycling were there
/// first, with nothing in them to say so.</summary>
internal static class JobSettingsColumn
{
    private const string OfTuning = "tuning";

    public static void HasJobSettings(this PropertyBuilder<IJobSettings> property) => property.HasConversion(
        new ValueConverter<IJobSettings, string>(settings => Write(settings), text => Read(text)),
        new ValueComparer<IJobSettings>(favorStructuralComparisons: false));

    private static string Write(IJobSettings settings) => settings is TuneSettings tuning
        ? JsonSerializer.Serialize(tuning, RecycleJson.Default.TuneSettings)
        : JsonSerializer.Serialize((RecycleSettings)settings, RecycleJson.Default.RecycleSettings);

    private static IJobSettings Read(string text)
    {
        using var json = JsonDocument.Parse(text);
        return json.RootElement.TryGetProperty(OfTuning, out _)
            ? json.Deserialize(RecycleJson.Default.TuneSettings)!
            : json.Deserialize(RecycleJson.Default.RecycleSettings)!;
    }
}
