using System.Net.Mime;
using LoraRecycle.Core.Method.Tuning.Methods;
using LoraRecycle.Core.Method.Tuning.Options;
using LoraRecycle.Service.Features.Classification.Episodes;
using LoraRecycle.Service.Features.Loras.Storage;
using LoraRecycle.Service.Features.Recycling.Endpoints;
using LoraRecycle.Service.Features.Recycling.Jobs;
using LoraRecycle.Service.Features.Recycling.Settings;
using LoraRecycle.Service.Features.StoredTasks.Storage;
using LoraRecycle.Service.Features.Tuning.Requests;
using LoraRecycle.Service.Platform.Http.Bodies;
using LoraRecycle.Service.Platform.Http.Errors;
using LoraRecycle.Service.Platform.Http.Limits;
using LoraRecycle.Service.Platform.Http.Links;
using LoraRecycle.Service.Platform.Security;
using LoraRecycle.Service.Platform.Storage;
using LoraRecycle.Service.Serving.Traffic;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LoraRecycle.Service.Features.Tuning;

/// <summary>Tuning LoRAs for the market from labelled images.</summary>
internal static class TuneEndpoints
{
    private const int MostJobs = 200;

    public static IEndpointRouteBuilder MapTune(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/tune").WithTags("Tuning");
        group.MapPost("/", StartAsync)
            .AskTheModel()
            .RequireScope(ApiScopes.Market)
            .WithName("StartTuning")
            .WithSummary("Starts a job that tunes a LoRA on labelled images")
            .WithDescription(
                "The images come in either form that classify takes, or from a stored task. The server checks all of the request before "
                    + "accepting the job, and keeps the images until the job has ended. The LoRA is then in the market."
            )
            .KeepBodyInMemory()
            .WithMetadata(new EpisodeBody(typeof(TuneRequest), RequestMembers.NewLora))
            .ProducesProblems([
                .. Problems.All.Where(kind =>
                    kind.Status is not (StatusCodes.Status404NotFound or StatusCodes.Status405MethodNotAllowed)
                    && kind != Problems.NoQuery && kind != Problems.InvalidReject && kind != Problems.UnknownMetaLora),
                .. TuneProblems.All,
                RecycleProblems.InvalidSetting,
                RecycleProblems.TooManyJobs,
                TaskProblems.ImageLost,
                LoraProblems.InvalidName,
                LoraProblems.StorageUnavailable,
                LoraProblems.QuotaExceeded,
                StateProblems.Unavailable,
            ]);
        group.MapGet("/methods", Methods)
            .RequireScope(ApiScopes.Market)
            .WithName("ListTuningMethods")
            .WithSummary("Lists the ways to tune, each with a sentence, its paper and its settings");
        group.MapGet("/", ListAsync)
            .RequireScope(ApiScopes.Market)
            .WithName("ListTuning")
            .WithSummary("Lists tuning jobs, latest first")
            .ProducesProblems(RecycleProblems.InvalidSetting, StateProblems.Unavailable);
        group.MapGet("/{id}", GetAsync)
            .RequireScope(ApiScopes.Market)
            .WithName("GetTuning")
            .WithSummary("Gets the progress and the result of a tuning job")
            .ProducesProblems(RecycleProblems.NotFound, StateProblems.Unavailable);
        group.MapGet("/{id}/events", FollowAsync)
            .RequireScope(ApiScopes.Market)
            .WithName("FollowTuning")
            .WithSummary("Streams the events of a tuning job (server-sent events)")
            .WithDescription(
                "Events are state, stage, unit, progress and tuned, numbered from 1. With Last-Event-ID, the stream continues after that "
                    + "event. The stream ends after the state event with final true; a client that already has that event gets 204."
            )
            .Produces<string>(StatusCodes.Status200OK, MediaTypeNames.Text.EventStream)
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblems(RecycleProblems.NotFound, RecycleProblems.InvalidSetting, StateProblems.Unavailable);
        group.MapDelete("/{id}", DeleteAsync)
            .RequireScope(ApiScopes.Market)
            .WithName("EndTuning")
            .WithSummary("Cancels a running tuning job, or removes an ended one")
            .WithDescription(
                "202: the job is being cancelled, which takes a second or two. 204: the job had ended and is removed. The LoRA it made "
                    + "stays in the market."
            )
            .ProducesProblems(RecycleProblems.NotFound, LoraProblems.StorageUnavailable, StateProblems.Unavailable);
        return app;
    }

    private static async Task<Accepted<TuneJobSummary>> StartAsync(
        HttpRequest request, TuneRequestReader reader, TuneIntake intake, TuneDescriber describer, CancellationToken cancellation)
    {
        var read = await reader.ReadAsync(request);
        if (read.Task is not null && !request.HttpContext.User.HasClaim(ApiKeyAuthentication.ScopeClaim, ApiScopes.Tasks))
            throw new ProblemException(
                Problems.Forbidden,
                $"Expected a key with the scope '{ApiScopes.Tasks}', because the images of a stored task are read; or send the images.",
                RequestMemberNames.Task
            );
        var job = await intake.AcceptAsync(read, cancellation);
        return TypedResults.Accepted(request.AddressOf($"/tune/{job.Id}"), describer.Summary(job, tuned: null));
    }

    private static Ok<TuneMethodsResponse> Methods() =>
        TypedResults.Ok(
            new TuneMethodsResponse([
                .. TuningMethods.All.Select(method =>
                    new TuneMethod(method.Name, method.Title, method.Idea, method.Paper, method.On(new TuningSettings()))
                ),
            ])
        );

    private static async Task<Ok<TuneJobsResponse>> ListAsync(
        JobReader jobs, TuneDescriber describer, CancellationToken cancellation, string? before = null, string? limit = null)
    {
        var most = QueryNumber.Read(limit, 50, 1, MostJobs, "limit", RecycleProblems.InvalidSetting);
        var (page, next) = await jobs.ListAsync(JobKind.Tune, before, most, cancellation);
        var loras = await jobs.LorasAsync(page, cancellation);
        return TypedResults.Ok(
            new TuneJobsResponse([.. page.Select(job => describer.Summary(job, loras.GetValueOrDefault(job.Id)))], next));
    }

    private static async Task<Ok<TuneJobResponse>> GetAsync(
        string id, JobReader jobs, TuneDescriber describer, CancellationToken cancellation)
    {
        var (job, units) = await jobs.FindAsync(JobKind.Tune, id, cancellation);
        return TypedResults.Ok(await describer.DescribeAsync(job, units, cancellation));
    }

    private static Task<IResult> FollowAsync(
        string id, HttpContext context, JobEventStream stream, CancellationToken cancellation) =>
        stream.AnswerAsync(JobKind.Tune, id, context, cancellation);

    private static async Task<Results<Accepted<TuneJobSummary>, NoContent>> DeleteAsync(
        string id, JobEnding ending, TuneDescriber describer, HttpRequest request, CancellationToken cancellation) =>
        await ending.EndAsync(JobKind.Tune, id, cancellation) is { } job
            ? TypedResults.Accepted(request.AddressOf($"/tune/{id}"), describer.Summary(job, tuned: null))
            : TypedResults.NoContent();
}
