using System.Globalization;
using System.Net.Mime;
using System.Text.Json.Nodes;
using LoraRecycle.Service.Features.Loras.Storage;
using LoraRecycle.Service.Features.Recycling.Jobs;
using LoraRecycle.Service.Features.Recycling.Requests;
using LoraRecycle.Service.Features.Recycling.Settings;
using LoraRecycle.Service.Platform.Http.Bodies;
using LoraRecycle.Service.Platform.Http.Errors;
using LoraRecycle.Service.Platform.Http.Links;
using LoraRecycle.Service.Platform.OpenApi;
using LoraRecycle.Service.Platform.Security;
using LoraRecycle.Service.Platform.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LoraRecycle.Service.Features.Recycling.Endpoints;

/// <summary>Recycling the market's LoRAs into meta-LoRAs.</summary>
internal static class RecycleEndpoints
{
    private const int MostJobs = 200, MostImages = 1000;

    private static readonly JsonObject Example = new()
    {
        ["filter"] = new JsonObject { ["name"] = "caltech101-72-00?", ["origin"] = "shipped" },
        ["name"] = "my-meta-lora",
        ["seed"] = 7,
        ["inversion"] = new JsonObject { ["iterations"] = 400, ["imagesPerClass"] = 10 },
        ["distillation"] = new JsonObject { ["iterations"] = 200, ["rank"] = 8, ["masked"] = new JsonArray(0.5) },
        ["activate"] = "ifBetter",
        ["validation"] = new JsonObject
        {
            ["dataSet"] = "caltech101-72",
            ["part"] = "val",
            ["ways"] = 5,
            ["shots"] = 1,
            ["queries"] = 15,
            ["episodes"] = 200,
        },
    };

    public static IEndpointRouteBuilder MapRecycle(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/recycle").WithTags("Recycling");
        group.MapPost("/", StartAsync)
            .RequireScope(ApiScopes.Market)
            .WithName("StartRecycling")
            .WithSummary("Starts a job that recycles LoRAs into one meta-LoRA")
            .WithDescription(
                "The server checks the whole request before accepting the job. The job's LoRAs cannot be deleted until it ends. "
                    + "Activating the result needs a key with the scope admin."
            )
            .WithMetadata(new JsonBody(typeof(RecycleRequest), Example))
            .ProducesProblems(
                Problems.MalformedJson,
                Problems.BodyTooLarge,
                Problems.UnsupportedContentType,
                Problems.UnknownField,
                Problems.WrongType,
                RecycleProblems.NameTaken,
                RecycleProblems.InvalidMetaLoraName,
                RecycleProblems.NoLoras,
                RecycleProblems.UnknownLora,
                RecycleProblems.CannotBeRecycled,
                RecycleProblems.InvalidSetting,
                RecycleProblems.UnknownDataSet,
                RecycleProblems.TooManyJobs,
                StateProblems.Unavailable
            );
        group
            .MapGet("/", ListAsync)
            .RequireScope(ApiScopes.Market)
            .WithName("ListRecycling")
            .WithSummary("Lists jobs, latest first")
            .ProducesProblems(RecycleProblems.InvalidSetting, StateProblems.Unavailable);
        group.MapGet("/{id}", GetAsync)
            .RequireScope(ApiScopes.Market)
            .WithName("GetRecycling")
            .WithSummary("Gets the progress and the result of a job")
            .ProducesProblems(RecycleProblems.NotFound, StateProblems.Unavailable);
        group.MapGet("/{id}/events", FollowAsync)
            .RequireScope(ApiScopes.Market)
            .WithName("FollowRecycling")
            .WithSummary("Streams the events of a job (server-sent events)")
            .WithDescription(
                "Events are state, stage, unit, progress and evaluation, numbered from 1. With Last-Event-ID, the stream continues "
                    + "after that event. The stream ends after the state event with final true; a client that already has that event gets "
            )
            .Produces<string>(StatusCodes.Status200OK, MediaTypeNames.Text.EventStream)
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblems(RecycleProblems.NotFound, RecycleProblems.InvalidSetting, StateProblems.Unavailable);
        group.MapGet("/{id}/images", ImagesAsync)
            .RequireScope(ApiScopes.Market)
            .WithName("ListSyntheticImages")
            .WithSummary("Lists the synthetic images that a job has made so far")
            .ProducesProblems(RecycleProblems.NotFound, RecycleProblems.InvalidSetting, StateProblems.Unavailable);
        group.MapGet("/{id}/images/{number:int}.png", ImageAsync)
            .RequireScope(ApiScopes.Market)
            .WithName("GetSyntheticImage")
            .WithSummary("Gets a synthetic image")
            .Produces<byte[]>(StatusCodes.Status200OK, "image/png")
            .ProducesProblems(RecycleProblems.NotFound, RecycleProblems.ImageNotFound, StateProblems.Unavailable);
        group.MapGet("/{id}/masks/{number:int}.png", MaskAsync)
            .RequireScope(ApiScopes.Market)
            .WithName("GetMask")
            .WithSummary("Gets the mask of a synthetic image: kept patches are white")
            .WithDescription(
                "masked is the share of patches to mask. Without masked, the mask covers the patches that token pruning dropped, or "
                    + "half of them if it dropped none."
            )
            .Produces<byte[]>(StatusCodes.Status200OK, "image/png")
            .ProducesProblems(
                RecycleProblems.NotFound,
                RecycleProblems.ImageNotFound,
                RecycleProblems.InvalidSetting,
                StateProblems.Unavailable
            );
        group
            .MapDelete("/{id}", DeleteAsync)
            .RequireScope(ApiScopes.Market)
            .WithName("EndRecycling")
            .WithSummary("Cancels a running job, or removes an ended one and its files")
            .WithDescription(
                "202: the job is being cancelled, which takes a second or two. 204: the job had ended and is removed. The meta-LoRA "
                    + "it made stays."
            )
            .ProducesProblems(RecycleProblems.NotFound, LoraProblems.StorageUnavailable, StateProblems.Unavailable);
        return app;
    }

    private static async Task<Accepted<JobSummary>> StartAsync(
        HttpRequest request,
        RecycleRequestReader reader,
        JobIntake intake,
        CancellationToken cancellation
    )
    {
        var read = await reader.ReadAsync(request, cancellation);
        if (
            read.Settings.Activate != ActivationRule.Never
            && !request.HttpContext.User.HasClaim(ApiKeyAuthentication.ScopeClaim, ApiScopes.Admin)
        )
            throw new ProblemException(
                Problems.Forbidden,
                $"Expected a key with the scope '{ApiScopes.Admin}', because activation changes the answers for everyone; or use "
                    + "activate: never.",
                "activate"
            );
        var job = await intake.AcceptAsync(read, cancellation);
        return TypedResults.Accepted(request.AddressOf($"/recycle/{job.Id}"), JobDescriber.Summary(job));
    }

    private static async Task<Ok<JobsResponse>> ListAsync(
        JobReader jobs,
        CancellationToken cancellation,
        string? before = null,
        string? limit = null
    )
    {
        var (page, next) = await jobs.ListAsync(JobKind.Recycle, before, Number(limit, 50, 1, MostJobs, "limit"), cancellation);
        return TypedResults.Ok(new JobsResponse([.. page.Select(JobDescriber.Summary)], next));
    }

    private static async Task<Ok<JobResponse>> GetAsync(
        string id, JobReader jobs, JobDescriber describer, CancellationToken cancellation)
    {
        var (job, units) = await jobs.FindAsync(JobKind.Recycle, id, cancellation);
        return TypedResults.Ok(await describer.DescribeAsync(job, units, cancellation));
    }

    private static Task<IResult> FollowAsync(
        string id, HttpContext context, JobEventStream stream, CancellationToken cancellation) =>
        stream.AnswerAsync(JobKind.Recycle, id, context, cancellation);

    private static async Task<Ok<JobImagesResponse>> ImagesAsync(
        string id,
        JobImages images,
        HttpRequest request,
        CancellationToken cancellation,
        string? from = null,
        string? limit = null
    ) =>
        TypedResults.Ok(
            await images.ListAsync(
                id,
                Number(from, 0, 0, int.MaxValue, "from"),
                Number(limit, 200, 1, MostImages, "limit"),
                request.AddressOf,
                cancellation
            )
        );

    private static async Task<FileContentHttpResult> ImageAsync(string id, int number, JobImages images, CancellationToken cancellation) =>
        TypedResults.File(await images.ImageAsync(id, number, cancellation), "image/png");

    private static async Task<FileContentHttpResult> MaskAsync(
        string id,
        int number,
        JobImages images,
        CancellationToken cancellation,
        string? masked = null
    ) => TypedResults.File(await images.MaskAsync(id, number, Share(masked), cancellation), "image/png");

    private static async Task<Results<Accepted<JobSummary>, NoContent>> DeleteAsync(
        string id, JobEnding ending, HttpRequest request, CancellationToken cancellation) =>
        await ending.EndAsync(JobKind.Recycle, id, cancellation) is { } job
            ? TypedResults.Accepted(request.AddressOf($"/recycle/{id}"), JobDescriber.Summary(job))
            : TypedResults.NoContent();

    private static int Number(string? text, int otherwise, int least, int most, string field) =>
        QueryNumber.Read(text, otherwise, least, most, field, RecycleProblems.InvalidSetting);

    private static double? Share(string? text) => text is null ? null
        : double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var share) ? share
        : throw new ProblemException(RecycleProblems.InvalidSetting, "Expected a share of at least 0 and less than 1.", "masked");
}
