using LoraRecycle.Core.FewShot.Calibration;
using LoraRecycle.Core.Hub;
using LoraRecycle.Service.Platform.Http.Bodies;
using LoraRecycle.Service.Platform.Security;
using LoraRecycle.Service.Serving.Configuration;
using LoraRecycle.Service.Serving.Devices;
using LoraRecycle.Service.Serving.Models;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Features.Models;

/// <summary>The foundation models on this host.</summary>
internal static class ModelsEndpoints
{
    public static IServiceCollection AddModelsAnswer(this IServiceCollection services) => services.AddJson(ModelsJson.Default);

    public static IEndpointRouteBuilder MapModels(this IEndpointRouteBuilder app)
    {
        app.MapGet("/models", List)
            .RequireScope(ApiScopes.Classify)
            .WithName("ListModels")
            .WithTags("Models")
            .WithSummary("Lists the foundation models on this host, with their devices and loaded meta-LoRAs");
        return app;
    }

    private static Ok<ModelsResponse> List(IOptions<ModelsOptions> options, ServingDevices devices, Calibrations calibrations)
    {
        var directories = options.Value.FindDirectory() is { } root ? Directory.EnumerateDirectories(root) : [];
        // The one that serves need not be in the folder: it may have been fetched from the hub.
        var serving = options.Value.FindModel();
        var models = directories
            .Where(directory => File.Exists(Path.Combine(directory, "config.json")))
            .Append(serving)
            .OfType<string>()
            .Distinct(StringComparer.Ordinal)
            .OrderBy(HubCache.NameOf, StringComparer.Ordinal);
        return TypedResults.Ok(new ModelsResponse(
            [
                .. models.Select(model =>
                    model == serving ? Serving(HubCache.NameOf(model), devices, calibrations) : Available(HubCache.NameOf(model))),
            ]));
    }

    private static HostedModel Serving(string id, ServingDevices devices, Calibrations calibrations)
    {
        var model = devices.Model.IsCompletedSuccessfully ? devices.Model.Result : null;
        var calibration = model is null ? null : calibrations.For(model, ServedAdapter.None);
        return new HostedModel(
            id,
            true,
            model is not null ? "ready"
                : devices.Model.IsCompleted ? "failed"
                : "loading",
            model?.EmbeddingLength,
            model?.Revision,
            model?.Precision,
            [.. devices.All.Select(device => new HostedDevice(device.Name, Status(device.State), Ids(device.Adapters)))],
            Ids(devices.Loaded),
            calibration is null ? null : CalibrationNames.Of(calibration.Source),
            calibration?.Problem
        );
    }

    private static HostedModel Available(string id) => new(id, false, "available", null, null, null, [], [], null, null);

    private static string Status(DeviceState state) => state switch
    {
        DeviceState.Loading => "loading",
        DeviceState.Ready => "ready",
        DeviceState.Failing => "failing",
        DeviceState.Hanging => "hanging",
        _ => "lost",
    };

    private static string[] Ids(IReadOnlyList<ServedAdapter> adapters) => [.. adapters.Select(adapter => adapter.Id)];
}
