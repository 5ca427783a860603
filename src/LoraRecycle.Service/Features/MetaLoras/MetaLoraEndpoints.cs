using System.Net.Mime;
using System.Text.Json.Nodes;
using LoraRecycle.Core.FewShot.Calibration;
using LoraRecycle.Service.Features.Loras.Storage;
using LoraRecycle.Service.Platform.Http.Errors;
using LoraRecycle.Service.Platform.OpenApi;
using LoraRecycle.Service.Platform.Security;
using LoraRecycle.Service.Platform.Storage;
using LoraRecycle.Service.Serving;
using LoraRecycle.Service.Serving.ActiveAdapter;
using LoraRecycle.Service.Serving.Embedding;
using LoraRecycle.Service.Serving.Models;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LoraRecycle.Service.Features.MetaLoras;

/// <summary>The distilled adapters on this server, and which one serves.</summary>
internal static partial class MetaLoraEndpoints
{
    public static IEndpointRouteBuilder MapMetaLoras(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/meta-loras").WithTags("Meta-LoRAs");
        group.MapGet("/", List)
            .RequireScope(ApiScopes.Market)
            .WithName("ListMetaLoras")
            .WithSummary("Lists the meta-LoRAs on this server, and which one is active")
            .WithDescription("The list includes folders added since the start. A folder that cannot be used is listed with the reason.");
        group.MapGet("/{id}", Get)
            .RequireScope(ApiScopes.Market)
            .WithName("GetMetaLora")
            .WithSummary("Gets one meta-LoRA, and how it was made")
            .ProducesProblems(Problems.MetaLoraNotFound);
        group.MapGet("/{id}/archive", DownloadAsync)
            .RequireScope(ApiScopes.Market)
            .WithName("DownloadMetaLora")
            .WithSummary("Gets the files of one meta-LoRA as a zip archive")
            .WithDescription("A PEFT directory with its calibration, for the folder of meta-LoRAs of another server of the same model.")
            .Produces<byte[]>(StatusCodes.Status200OK, MediaTypeNames.Application.Zip)
            .ProducesProblems(Problems.MetaLoraNotFound, Problems.UnusableMetaLora, LoraProblems.StorageUnavailable);
        group.MapDelete("/{id}", DeleteAsync)
            .RequireScope(ApiScopes.Admin)
            .WithName("DeleteMetaLora")
            .WithSummary("Deletes a meta-LoRA that a job made and nothing uses")
            .ProducesProblems(
                Problems.MetaLoraNotFound,
                MetaLoraProblems.InUse,
                MetaLoraProblems.Shipped,
                LoraProblems.StorageUnavailable,
                StateProblems.Unavailable
            );
        group.MapGet($"/{MetaLoraNames.Active}", GetActive)
            .RequireScope(ApiScopes.Market)
            .WithName("GetActiveMetaLora")
            .WithSummary("Gets the active meta-LoRA, which answers requests that name none");
        group.MapPut($"/{MetaLoraNames.Active}", ActivateAsync)
            .RequireScope(ApiScopes.Admin)
            .WithName("ActivateMetaLora")
            .WithSummary("Activates a meta-LoRA without interrupting requests")
            .WithDescription(
                "The server loads and tries the meta-LoRA before the switch, so no request waits for it or fails because of it. "
                    + "Requests in progress finish with the one they started with. If the new one cannot be used, the old one stays "
                    + "active. With a data directory or a database server, the choice survives restarts, and processes that share the " +
                        "database follow "
                    + "within two seconds."
            )
            .WithMetadata(new JsonBody(typeof(ActivateMetaLoraRequest), new JsonObject { ["id"] = MetaLoraNames.None }))
            .ProducesProblems(
                Problems.MalformedJson,
                Problems.BodyTooLarge,
                Problems.UnsupportedContentType,
                Problems.UnknownMetaLora,
                Problems.UnusableMetaLora,
                Problems.UnknownField,
                Problems.WrongType,
                Problems.ModelFailure,
                Problems.OutOfMemory,
                Problems.ModelUnavailable,
                Problems.MetaLoraUnavailable,
                StateProblems.Unavailable
            );
        return app;
    }

    private static Ok<MetaLorasResponse> List(
        MetaLoraStore store,
        ActiveMetaLora active,
        ImageEmbedder embedder,
        Calibrations calibrations
    ) =>
        TypedResults.Ok(
            new MetaLorasResponse(
                active.Current.Id,
                [.. store.All().Select(metaLora => Describe(metaLora, active, embedder, calibrations))]
            )
        );

    private static Ok<MetaLoraResponse> Get(
        string id,
        MetaLoraSelection selection,
        ActiveMetaLora active,
        ImageEmbedder embedder,
        Calibrations calibrations
    ) => TypedResults.Ok(Describe(selection.AtPath(id), active, embedder, calibrations));

    private static Ok<ActiveMetaLoraResponse> GetActive(ActiveMetaLora active) => TypedResults.Ok(Describe(active.Current));

    private static async Task<Ok<ActiveMetaLoraResponse>> ActivateAsync(
        HttpRequest request,
        MetaLoraSelection selection,
        ActiveMetaLora active,
        ImageEmbedder embedder,
        ILogger<ActiveMetaLora> logger,
        CancellationToken cancellation
    )
    {
        var next = selection.ById(await ActivationReader.ReadIdAsync(request, cancellation), "id");
        var previous = await ServingProblems.TranslateAsync(embedder, () => active.SwitchAsync(next, embedder.PrepareAsync, cancellation));
        LogSwitched(logger, previous.Id, next.Id, next.Revision);
        return TypedResults.Ok(Describe(next));
    }

    private static async Task<FileStreamHttpResult> DownloadAsync(
        string id, MetaLoraSelection selection, CancellationToken cancellation)
    {
        var metaLora = selection.AtPath(id);
        if (metaLora.Facts is not { } facts)
            throw new ProblemException(Problems.UnusableMetaLora, $"The meta-LoRA '{id}' cannot be used: {metaLora.Problem}");
        try
        {
            var archive = await MetaLoraArchive.CreateAsync(facts.Adapter.Directory, cancellation);
            return TypedResults.Stream(archive, MediaTypeNames.Application.Zip, $"{metaLora.Id}.zip");
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ProblemException(Problems.MetaLoraNotFound, "The meta-LoRA was deleted during the request.", cause: exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw LoraUpload.NotStored(exception);
        }
    }

    private static async Task<NoContent> DeleteAsync(
        string id,
        MetaLoraSelection selection,
        MetaLoraRemoval removal,
        ILogger<ActiveMetaLora> logger,
        CancellationToken cancellation
    )
    {
        await removal.RemoveAsync(selection.AtPath(id).Id, cancellation);
        LogDeleted(logger, id);
        return TypedResults.NoContent();
    }

    private static ActiveMetaLoraResponse Describe(ServedAdapter adapter) =>
        new(adapter.Id, adapter == ServedAdapter.None ? null : adapter.Revision);

    private static MetaLoraResponse Describe(MetaLora metaLora, ActiveMetaLora active, ImageEmbedder embedder, Calibrations calibrations)
    {
        var facts = metaLora.Facts;
        var calibration =
            facts is not null && embedder.Model is { IsCompletedSuccessfully: true } model
                ? calibrations.For(model.Result, facts.Adapter)
                : null;
        return new MetaLoraResponse(
            metaLora.Id, facts is null ? "unusable" : "ready",
            facts is not null && facts.Adapter == active.Current, facts is not null && embedder.Loaded.Contains(facts.Adapter),
            metaLora.IsShipped, facts?.Family, facts?.Rank, facts?.Targets ?? [], facts?.Parameters, facts?.Adapter.Revision,
            metaLora.Bytes, metaLora.Written, metaLora.Problem, facts?.Run,
            calibration is null ? null : CalibrationNames.Of(calibration.Source), calibration?.Problem);
    }

    [LoggerMessage(1, LogLevel.Information, "The active meta-LoRA changed from {Previous} to {Next}, revision {Revision}")]
    private static partial void LogSwitched(ILogger logger, string previous, string next, string revision);

    [LoggerMessage(2, LogLevel.Information, "Meta-LoRA {Id} was deleted")]
    private static partial void LogDeleted(ILogger logger, string id);
}
