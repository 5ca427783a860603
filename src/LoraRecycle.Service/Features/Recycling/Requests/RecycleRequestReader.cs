using System.Text.Json;
using LoraRecycle.Core.Method.Distillation;
using LoraRecycle.Core.Method.Inversion;
using LoraRecycle.Core.Vision;
using LoraRecycle.Core.Vision.Loading;
using LoraRecycle.Service.Features.MetaLoras;
using LoraRecycle.Service.Features.Recycling.Jobs;
using LoraRecycle.Service.Features.Recycling.Settings;
using LoraRecycle.Service.Platform.Http.Bodies;
using LoraRecycle.Service.Platform.Http.Errors;
using LoraRecycle.Service.Serving.Configuration;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Features.Recycling.Requests;

/// <summary>What a request asks for, all of it checked but for the LoRAs.</summary>
/// <param name="Request">As it came.</param>
/// <param name="Name">What the meta-LoRA shall be called; null for no wish.</param>
/// <param name="Settings">All settings.</param>
internal sealed record ReadRecycleRequest(RecycleRequest Request, string? Name, RecycleSettings Settings);

/// <summary>Reads and checks the body of a request for a job.</summary>
internal sealed class RecycleRequestReader(IOptions<JobsOptions> options, IOptions<ModelsOptions> models, JobPrior prior, DataSets dataSets)
{
    private const int MaxBytes = 4 << 20;
    private const string Inversion = "inversion", Distillation = "distillation";

    /// <exception cref="ProblemException">It is no request that can be met.</exception>
    public Task<ReadRecycleRequest> ReadAsync(HttpRequest request, CancellationToken cancellation) =>
        JsonBodyReader.ReadAsync(request, MaxBytes, Read, cancellation);

    private ReadRecycleRequest Read(JsonElement body)
    {
        var request = StrictJson.Read(body, RequestJson.Default.RecycleRequest, "");
        if (request.Name is { } name && !MetaLoraNames.IsId(name))
            throw new ProblemException(
                RecycleProblems.InvalidMetaLoraName,
                $"Expected 1 to {MetaLoraNames.MaxLength} letters, digits, '-', '_' and '.', starting with a letter or digit, and not "
                    + $"'{MetaLoraNames.None}' or '{MetaLoraNames.Active}'.",
                "name"
            );
        Require(request.Together is null or (>= 1 and <= 64), "1 to 64", "together");
        Require(request.MinimumLoras is null or >= 1, "at least 1", "minimumLoras");
        var activate = request.Activate switch
        {
            null or "never" => ActivationRule.Never,
            "always" => ActivationRule.Always,
            "ifBetter" => ActivationRule.IfBetter,
            _ => throw new ProblemException(RecycleProblems.InvalidSetting, "Expected never, always or ifBetter.", "activate"),
        };
        Require(
            activate != ActivationRule.IfBetter || request.Validation is not null,
            "a validation set, to tell which one is better",
            "validation"
        );
        return new ReadRecycleRequest(
            request,
            request.Name,
            new RecycleSettings(
                OfInversion(body, request.Seed),
                OfDistillation(body, request.Seed),
                request.Together ?? options.Value.LorasPerUnit,
                request.MinimumLoras ?? 1,
                activate,
                request.Validation is { } validation ? dataSets.Resolve(validation) : null
            )
        );
    }

    private InversionSettings OfInversion(JsonElement body, int seed)
    {
        var settings = Changed(new InversionSettings { Seed = seed }, body, Inversion, RecycleJson.Default.InversionSettings);
        if (prior.Path is null)
            settings = settings with { PriorWeight = 0 };
        Require(
            settings.ImagesPerClass >= 2,
            "at least 2 images per class, one support image and one query",
            $"{Inversion}.imagesPerClass"
        );
        using var model = ModelDirectory.Open(models.Value.FindModel()!);
        try
        {
            return settings.Validated(model.Config);
        }
        catch (Exception exception) when (exception is InversionException or ModelException)
        {
            throw new ProblemException(RecycleProblems.InvalidSetting, exception.Message, Inversion);
        }
    }

    private static DistillationSettings OfDistillation(JsonElement body, int seed)
    {
        var settings = Changed(new DistillationSettings { Seed = seed }, body, Distillation, RecycleJson.Default.DistillationSettings);
        string[] known = ["q", "k", "v", "out", "fc1", "fc2"];
        Require(
            settings.Targets.Any(known.Contains) && settings.Targets.All(known.Contains),
            $"some of {string.Join(", ", known)}",
            $"{Distillation}.targets"
        );
        try
        {
            return settings.Validated();
        }
        catch (ArgumentException exception)
        {
            throw new ProblemException(RecycleProblems.InvalidSetting, exception.Message, FieldOf(exception));
        }
    }

    private static string FieldOf(ArgumentException exception) => exception.ParamName is { Length: > 0 } name
        ? $"{Distillation}.{JsonNamingPolicy.CamelCase.ConvertName(name)}"
        : Distillation;

    private static T Changed<T>(T settings, JsonElement body, string field, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) =>
        body.TryGetProperty(field, out var changes) && changes.ValueKind != JsonValueKind.Null
            ? StrictJson.Overlay(settings, changes, type, field)
            : settings;

    private static void Require(bool holds, string expected, string field)
    {
        if (!holds)
            throw new ProblemException(RecycleProblems.InvalidSetting, $"Expected {expected}.", field);
    }
}
