using System.Text;
using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Algebra.Analysis;
using LoraRecycle.Service.Features.Loras.Inspection;
using LoraRecycle.Service.Features.Loras.Storage;
using LoraRecycle.Service.Features.Loras.Uploads;
using LoraRecycle.Service.Platform.Http.Errors;
using LoraRecycle.Service.Platform.Http.Links;
using LoraRecycle.Service.Platform.Security;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Features.Loras;

/// <summary>The market: pre-tuned LoRAs to be recycled.</summary>
internal static partial class LoraEndpoints
{
    private const string SvgPolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

    public static IEndpointRouteBuilder MapLoras(this IEndpointRouteBuilder app)
    {
        var options = app.ServiceProvider.GetRequiredService<IOptions<LoraOptions>>().Value;
        var group = app.MapGroup("/loras").WithTags("LoRAs");
        group.MapPost("/", UploadAsync)
            .RequireScope(ApiScopes.Market)
            .WithName("UploadLora")
            .WithSummary("Adds a pre-tuned LoRA to the market")
            .WithDescription(
                "The server checks all of the LoRA against the current model before listing it. The id depends only on the content: the "
                    + "same LoRA sent again is the existing one (200 instead of 201) and keeps its name."
            )
            .WithMetadata(new UploadLimit(options.UploadBytes), new LoraBody())
            .ProducesProblems(
                Problems.MalformedMultipart,
                Problems.MalformedCompression,
                Problems.MalformedRequest,
                LoraProblems.DamagedZip,
                Problems.RequestTimeout,
                Problems.BodyTooLarge,
                LoraProblems.TooLarge,
                LoraProblems.TooManyFiles,
                Problems.UnsupportedContentType,
                Problems.UnsupportedContentEncoding,
                LoraProblems.UnexpectedFile,
                LoraProblems.UnsafeFileName,
                LoraProblems.RepeatedFile,
                LoraProblems.Incomplete,
                LoraProblems.Unusable,
                LoraProblems.InvalidName,
                Problems.UnknownField,
                Problems.InternalError,
                Problems.QueueFull,
                LoraProblems.StorageUnavailable,
                LoraProblems.QuotaExceeded
            );
        group
            .MapGet("/", ListAsync)
            .RequireScope(ApiScopes.Market)
            .WithName("ListLoras")
            .WithSummary("Lists the LoRAs of the market, uploaded and shipped, a page at a time")
            .WithDescription(
                "LoRAs are in the order in which they were added. That order is stable from page to page while LoRAs come and go."
            )
            .ProducesProblems(Problems.UnknownField, Problems.WrongType);
        group.MapGet("/{id}", InspectAsync)
            .RequireScope(ApiScopes.Market)
            .WithName("InspectLora")
            .WithSummary("Gets one LoRA, and its effect on the model's weights")
            .WithDescription("The first request for a LoRA computes the spectrum, which takes seconds; later requests reuse it.")
            .ProducesProblems(LoraProblems.NotFound);
        group.MapGet("/{id}/spectrum.svg", DrawAsync)
            .RequireScope(ApiScopes.Market)
            .WithName("DrawLora")
            .WithSummary("Draws the singular values of one LoRA beside those of the base weights")
            .Produces<string>(StatusCodes.Status200OK, "image/svg+xml")
            .ProducesProblems(LoraProblems.NotFound, LoraProblems.ForAnotherModel);
        group.MapDelete("/{id}", DeleteAsync)
            .RequireScope(ApiScopes.Admin)
            .WithName("DeleteLora")
            .WithSummary("Removes an uploaded LoRA that no job uses")
            .ProducesProblems(LoraProblems.NotFound, LoraProblems.InUse, LoraProblems.Shipped, LoraProblems.StorageUnavailable);
        return app;
    }

    private static async Task<Results<Created<LoraResponse>, Ok<LoraResponse>>> UploadAsync(
        HttpRequest request, LoraUploadReader reader, LoraCheck check, LoraMarket market, UploadedLoras uploaded, LoraLeases leases,
        ILogger<LoraMarket> logger, CancellationToken cancellation)
    {
        using var upload = uploaded.Receive();
        await reader.ReadAsync(request, upload, cancellation);
        // One that is known has been checked, unless it was against another model.
        if (market.Find(upload.Id()) is { } known && known.Facts.Model == check.Model)
            return TypedResults.Ok(Describe(known, await leases.HeldAsync(cancellation)));
        uploaded.RequireRoom(upload.Bytes); // before the check, which is the expensive part; and again when it is kept
        var (lora, isNew) = await uploaded.KeepAsync(upload, await check.ReadAsync(upload, cancellation), cancellation);
        if (!isNew)
            return TypedResults.Ok(Describe(lora, await leases.HeldAsync(cancellation)));
        LogAdded(logger, lora.Id, lora.Facts.Family, lora.Facts.Bytes);
        return TypedResults.Created(request.AddressOf($"/loras/{lora.Id}"), Describe(lora, await leases.HeldAsync(cancellation)));
    }

    private static async Task<Ok<LorasResponse>> ListAsync(
        [AsParameters] LoraQuery query, HttpRequest request, LoraMarket market, LoraLeases leases, CancellationToken cancellation)
    {
        LoraPage.RequireKnown(request.Query);
        var page = LoraPage.Of(market.All(), query);
        var held = await leases.HeldAsync(cancellation);
        return TypedResults.Ok(new LorasResponse([.. page.Loras.Select(lora => Describe(lora, held) with { Classes = [] })], page.Next));
    }

    private static async Task<Ok<LoraInspection>> InspectAsync(
        string id,
        LoraMarket market,
        LoraInspector inspector,
        LoraLeases leases,
        CancellationToken cancellation
    )
    {
        var lora = market.AtPath(id);
        var settings = LoraInspector.Settings;
        return TypedResults.Ok(new LoraInspection(
            Describe(lora, await leases.HeldAsync(cancellation)),
            inspector.CanInspect(lora)
                ? new LoraSpectrum(settings.Directions, settings.IntruderCosine, await MeasureAsync(lora, market, inspector, cancellation))
                : null));
    }

    private static async Task<ContentHttpResult> DrawAsync(
        string id,
        LoraMarket market,
        LoraInspector inspector,
        HttpResponse response,
        CancellationToken cancellation
    )
    {
        var lora = market.AtPath(id);
        if (!inspector.CanInspect(lora))
            throw new ProblemException(
                LoraProblems.ForAnotherModel,
                $"Expected a LoRA for the current model; this one was made for '{lora.Facts.Model}', whose weights are not loaded."
            );
        var layers = await MeasureAsync(lora, market, inspector, cancellation);
        response.Headers.ContentSecurityPolicy = SvgPolicy;
        return TypedResults.Text(
            SpectrumSvg.Draw(lora.Facts.Name ?? $"{lora.Id[..12]}...", layers, LoraInspector.Settings),
            "image/svg+xml",
            Encoding.UTF8
        );
    }

    private static async Task<NoContent> DeleteAsync(
        string id,
        LoraMarket market,
        ILogger<LoraMarket> logger,
        CancellationToken cancellation
    )
    {
        await market.DeleteAsync(market.AtPath(id), cancellation);
        LogDeleted(logger, id);
        return TypedResults.NoContent();
    }

    private static async Task<IReadOnlyList<LayerSpectrum>> MeasureAsync(
        Lora lora,
        LoraMarket market,
        LoraInspector inspector,
        CancellationToken cancellation
    )
    {
        try
        {
            return await inspector.InspectAsync(lora, cancellation);
        }
        catch (AdapterException) when (market.Find(lora.Id) is null)
        {
            throw new ProblemException(LoraProblems.NotFound, "The LoRA was deleted during the request.");
        }
    }

    private static LoraResponse Describe(Lora lora, IReadOnlySet<string> held)
    {
        var facts = lora.Facts;
        return new LoraResponse(
            facts.Id,
            facts.Name,
            lora.Origin == LoraOrigin.Shipped ? "shipped" : "uploaded",
            facts.Model,
            facts.Family,
            facts.Rank,
            facts.Targets,
            facts.Parameters,
            facts.ClassCount,
            facts.Classes,
            facts.Bytes,
            facts.Added,
            held.Contains(facts.Id)
        );
    }

    [LoggerMessage(1, LogLevel.Information, "LoRA {Id} of family {Family} was added, {Bytes} bytes")]
    private static partial void LogAdded(ILogger logger, string id, string family, long bytes);

    [LoggerMessage(2, LogLevel.Information, "LoRA {Id} was deleted")]
    private static partial void LogDeleted(ILogger logger, string id);

    /// <summary>The body may be larger than those of other requests.</summary>
    private sealed record UploadLimit(long? MaxRequestBodySize) : IRequestSizeLimitMetadata;
}
