using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using LoraRecycle.Core.Method.Tuning.Options;
using LoraRecycle.Core.Vision.Loading;
using LoraRecycle.Service.Features.Classification.Episodes;
using LoraRecycle.Service.Features.Recycling.Jobs;
using LoraRecycle.Service.Features.Recycling.Requests;
using LoraRecycle.Service.Features.Recycling.Settings;
using LoraRecycle.Service.Platform.Http.Errors;
using LoraRecycle.Service.Serving.Configuration;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Features.Tuning.Requests;

/// <summary>The settings beside a method, checked by themselves, against one another and against the model that serves.</summary>
internal sealed class TuneOptions(IOptions<ModelsOptions> models)
{
    /// <summary>What a request can make of a server: steps bound its time, and images that are seen at once its memory.</summary>
    public const int MostSteps = 100_000, MostSearchSteps = 10_000, MostImagesSeen = 512;

    private const string Field = RequestMemberNames.Options;

    private static readonly JsonTypeInfo<TuningSettings> Json = (JsonTypeInfo<TuningSettings>)new JsonSerializerOptions(
        RecycleJson.Default.Options)
    { RespectNullableAnnotations = true }.GetTypeInfo(typeof(TuningSettings));

    /// <param name="method">What sets the others.</param>
    /// <param name="given">JSON; null for nothing.</param>
    /// <exception cref="ProblemException">It is no JSON, or something in it is unknown, out of range, or not what the form allows.
    /// </exception>
    public TuningSettings On(TuningMethod method, string? given)
    {
        var settings = method.On(new TuningSettings());
        if (given is not null)
            settings = Overlaid(settings, given);
        Require(settings.Steps <= MostSteps, $"at most {MostSteps} steps", "steps");
        Require(settings.Choice.SearchSteps <= MostSearchSteps, $"at most {MostSearchSteps} steps of a search", "choice.searchSteps");
        Require(
            (long)settings.BatchSize * Math.Max(1, settings.Views.Count) <= MostImagesSeen,
            $"at most {MostImagesSeen} images seen in a step: batchSize times views.count",
            "batchSize"
        );
        using var model = ModelDirectory.Open(models.Value.FindModel()!);
        try
        {
            _ = settings.LayersOf(model.AdaptableLayers);
            return settings;
        }
        catch (TuningException exception)
        {
            throw new ProblemException(RecycleProblems.InvalidSetting, exception.Message, FieldOf(exception));
        }
    }

    private static TuningSettings Overlaid(TuningSettings settings, string given)
    {
        try
        {
            // Of a name that comes twice, readers of JSON disagree which counts; here neither may.
            using var json = JsonDocument.Parse(given, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return StrictJson.Overlay(settings, json.RootElement, Json, Field, except: RequestMemberNames.Method);
        }
        catch (JsonException)
        {
            throw new ProblemException(
                Problems.MalformedJson, "Expected an object as JSON, with each name once, such as {\"steps\": 100}.", Field);
        }
    }

    private static string FieldOf(TuningException exception) => exception.Setting is { } setting
        ? string.Join('.', setting.Split('.').Select(JsonNamingPolicy.CamelCase.ConvertName).Prepend(Field))
        : Field;

    private static void Require(bool holds, string expected, string setting)
    {
        if (!holds)
            throw new ProblemException(RecycleProblems.InvalidSetting, $"Expected {expected}.", $"{Field}.{setting}");
    }
}
