using System.Net.Mime;
using LoraRecycle.Service.Features.Classification;
using LoraRecycle.Service.Features.Classification.Episodes;
using LoraRecycle.Service.Features.Loras.Storage;
using LoraRecycle.Service.Features.StoredTasks.Ready;
using LoraRecycle.Service.Features.StoredTasks.Storage;
using LoraRecycle.Service.Platform.Http.Bodies;
using LoraRecycle.Service.Platform.Http.Errors;
using LoraRecycle.Service.Platform.Http.Limits;
using LoraRecycle.Service.Platform.Http.Links;
using LoraRecycle.Service.Platform.Observability.Logging;
using LoraRecycle.Service.Platform.Security;
using LoraRecycle.Service.Platform.Storage;
using LoraRecycle.Service.Platform.Storage.Sequences;
using LoraRecycle.Service.Serving;
using LoraRecycle.Service.Serving.Embedding;
using LoraRecycle.Service.Serving.Models;
using LoraRecycle.Service.Serving.Traffic;
using Microsoft.AspNetCore.Http.HttpResults;
using IDiagnosticContext = Serilog.IDiagnosticContext;

namespace LoraRecycle.Service.Features.StoredTasks;

/// <summary>Support sets that are kept, so that a query costs its own forward pass alone.</summary>
internal static partial class TaskEndpoints
{
    private const int UsualPage = 100;
    private const int LargestPage = 1000;

    public static IEndpointRouteBuilder MapStoredTasks(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/tasks").WithTags("Stored tasks").AskTheModel();
        ProblemKind[] storing =
        [
            .. Problems.All.Where(kind =>
                kind.Status is not (StatusCodes.Status404NotFound or StatusCodes.Status405MethodNotAllowed) && kind != Problems.NoQuery
            ),
            TaskProblems.TooMany,
            TaskProblems.TooLarge,
            TaskName.Invalid,
            LoraProblems.StorageUnavailable,
            StateProblems.Unavailable,
        ];
        group.MapPost("/", AddAsync)
            .RequireScope(ApiScopes.Tasks)
            .WithName("StoreTask")
            .WithSummary("Stores a support set")
            .WithDescription(
                "The server keeps the images and their embeddings, across restarts as well. When metaLora is absent or default, the "
                    + "task follows the active meta-LoRA; with an id, it stays with that one."
            )
            .KeepBodyInMemory()
            .WithMetadata(new EpisodeBody(typeof(NewTaskRequest), RequestMembers.NewTask))
            .ProducesProblems(storing);
        group.MapGet("/", ListAsync)
            .RequireScope(ApiScopes.Tasks)
            .WithName("ListTasks")
            .WithSummary("Lists stored tasks, a page at a time, in the order in which they were stored")
            .ProducesProblems(TaskProblems.InvalidPage, StateProblems.Unavailable);
        group.MapGet("/{id}", GetAsync)
            .RequireScope(ApiScopes.Tasks)
            .WithName("GetTask")
            .WithSummary("Gets a stored task and its contents")
            .ProducesProblems(TaskProblems.NotFound, StateProblems.Unavailable);
        group.MapGet("/{id}/images/{image:long}", ImageAsync)
            .RequireScope(ApiScopes.Tasks)
            .WithName("GetTaskImage")
            .WithSummary("Gets an image of a stored task, as it was sent")
            .Produces<byte[]>(StatusCodes.Status200OK, MediaTypeNames.Application.Octet)
            .ProducesProblems(
                TaskProblems.NotFound,
                Problems.NotFound,
                TaskProblems.ImageLost,
                LoraProblems.StorageUnavailable,
                StateProblems.Unavailable
            );
        group.MapPatch("/{id}", ChangeAsync)
            .RequireScope(ApiScopes.Tasks)
            .WithName("ChangeTask")
            .WithSummary("Changes a stored task: drops or adds classes and images")
            .WithDescription(
                "The server applies drops first, then additions. The result is the same as storing a new task with those images. With "
                    + "If-Match, the change applies only if the task still has that ETag."
            )
            .KeepBodyInMemory()
            .WithMetadata(new EpisodeBody(typeof(TaskChangeRequest), RequestMembers.TaskChange))
            .ProducesProblems([
                .. storing,
                TaskProblems.NotFound,
                TaskProblems.Changed,
                TaskProblems.UnknownClass,
                TaskProblems.UnknownImage,
            ]);
        group
            .MapDelete("/{id}", DeleteAsync)
            .RequireScope(ApiScopes.Tasks)
            .WithName("DeleteTask")
            .WithSummary("Deletes a stored task and its images")
            .ProducesProblems(TaskProblems.NotFound, TaskProblems.Changed, StateProblems.Unavailable);
        group.MapPost("/{id}/classify", ClassifyAsync)
            .RequireScope(ApiScopes.Classify)
            .WithName("ClassifyByTask")
            .WithSummary("Classifies queries with a stored task")
            .WithDescription(
                "The answer is the same as from classify with the task's images. When the active meta-LoRA has changed, the server "
                    + "recomputes the task's embeddings in the background and answers with the old ones until that is done; the answer "
                    + "names the meta-LoRA it used."
            )
            .KeepBodyInMemory()
            .WithMetadata(new EpisodeBody(typeof(TaskQueries), RequestMembers.Queries))
            .ProducesProblems(
            [
                .. Problems.All.Where(kind => kind.Status is not (StatusCodes.Status404NotFound or StatusCodes.Status405MethodNotAllowed)),
                TaskProblems.NotFound, TaskProblems.ImageLost, LoraProblems.StorageUnavailable, StateProblems.Unavailable,
            ]);
        return app;
    }

    private static async Task<Created<TaskResponse>> AddAsync(
        HttpContext context,
        EpisodeReader reader,
        TaskEditor editor,
        TaskAdapters adapters,
        ImageEmbedder embedder,
        ILogger<StoredTask> logger,
        CancellationToken cancellation
    )
    {
        var task = await editor.AddAsync(await reader.ReadAsync(context.Request, RequestMembers.NewTask), cancellation);
        LogStored(logger, task.Id, task.Classes, task.Images);
        return TypedResults.Created(context.Request.AddressOf($"/tasks/{task.Id}"), await DescribeAsync(task, adapters, embedder, context));
    }

    private static async Task<Ok<TasksResponse>> ListAsync(
        TaskStore store,
        CancellationToken cancellation,
        string? after = null,
        string? limit = null
    )
    {
        var most = QueryNumber.Read(limit, UsualPage, 1, LargestPage, "limit", TaskProblems.InvalidPage);
        var tasks = await store.ListAsync(after is null ? null : await PlaceAsync(after, store, cancellation), most + 1, cancellation);
        return TypedResults.Ok(
            new TasksResponse(
                [.. tasks.Take(most).Select(Summary)],
                tasks.Count > most ? new SequencePlace(tasks[most - 1].Sequence, tasks[most - 1].Id).ToString() : null
            )
        );
    }

    private static async Task<SequencePlace> PlaceAsync(string after, TaskStore store, CancellationToken cancellation) =>
        SequencePlace.TryParse(after)
        ?? (SequencePlace.IsId(after) ? await store.PlaceAsync(after, cancellation) : null)
        ?? throw new ProblemException(
            TaskProblems.InvalidPage,
            "Expected 'next' of the previous page, or the id of a stored task; begin again with the first page, without 'after'.",
            "after"
        );

    private static async Task<Ok<TaskResponse>> GetAsync(
        string id,
        HttpContext context,
        TaskStore store,
        TaskAdapters adapters,
        ImageEmbedder embedder,
        CancellationToken cancellation
    ) =>
        TypedResults.Ok(
            await DescribeAsync(await store.FindAsync(id, cancellation) ?? throw ReadyTasks.NotFound(), adapters, embedder, context)
        );

    /// <remarks>As bytes, whatever it is: a browser must not take what somebody sent for a page of this server.</remarks>
    private static async Task<FileContentHttpResult> ImageAsync(
        string id,
        long image,
        TaskStore store,
        BlobStore blobs,
        CancellationToken cancellation
    )
    {
        var task = await store.FindAsync(id, cancellation) ?? throw ReadyTasks.NotFound();
        if (task.Support.FirstOrDefault(one => one.Number == image) is not { } found)
            throw new ProblemException(
                Problems.NotFound,
                $"Expected the id of an image of the task; no image has the id {image}. GET the task for its ids."
            );
        return TypedResults.File(await blobs.ReadAsync(found, cancellation), MediaTypeNames.Application.Octet);
    }

    private static async Task<Ok<TaskResponse>> ChangeAsync(
        string id,
        HttpContext context,
        EpisodeReader reader,
        TaskEditor editor,
        TaskAdapters adapters,
        ImageEmbedder embedder,
        ILogger<StoredTask> logger,
        CancellationToken cancellation
    )
    {
        var versions = TaskTag.Expected(context.Request);
        var task = await editor.ChangeAsync(id, versions, await reader.ReadAsync(context.Request, RequestMembers.TaskChange), cancellation);
        LogChanged(logger, task.Id, task.Classes, task.Images);
        return TypedResults.Ok(await DescribeAsync(task, adapters, embedder, context));
    }

    private static async Task<NoContent> DeleteAsync(
        string id,
        HttpContext context,
        TaskStore store,
        ILogger<StoredTask> logger,
        CancellationToken cancellation
    )
    {
        var versions = TaskTag.Expected(context.Request);
        while (true)
        {
            var version = versions is null ? null : (await store.FindAsync(id, cancellation) ?? throw ReadyTasks.NotFound())?.Version;
            if (version is { } known)
                TaskEditor.RequireVersion(known, versions);
            if (await store.DeleteAsync(id, version, cancellation))
                break;
            if (versions is null)
                throw ReadyTasks.NotFound();
        }
        LogDeleted(logger, id);
        return TypedResults.NoContent();
    }

    private static async Task<Ok<ClassifyResponse>> ClassifyAsync(
        string id, HttpRequest request, EpisodeReader reader, TaskAnswers answers, IDiagnosticContext line, TimeProvider time,
        CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        var queries = (await reader.ReadAsync(request, RequestMembers.Queries)).Queries();
        var (answer, embedded) = await answers.ClassifyAsync(id, queries, cancellation);
        line.SetImages(queries.Count, embedded.CacheHits);
        return TypedResults.Ok(answer.To(embedded.Embeddings, embedded, time.GetElapsedTime(started)));
    }

    private static async Task<TaskResponse> DescribeAsync(
        StoredTask task,
        TaskAdapters adapters,
        ImageEmbedder embedder,
        HttpContext context
    )
    {
        context.Response.Headers.ETag = TaskTag.Of(task.Version);
        var isCurrent =
            adapters.TryWanted(task.MetaLora) is { } wanted
            && wanted.Revision == task.AdapterRevision
            && (await ServingProblems.TranslateAsync(embedder, () => embedder.Model.WaitAsync(context.RequestAborted))).Revision
                == task.ModelRevision;
        return new TaskResponse(
            Summary(task),
            [
                .. TaskSupport
                    .ByClass(task.Support)
                    .Select(one => new TaskClass(
                        one.Key,
                        [.. one.Select(image => new TaskImage(image.Number, image.Content, image.Bytes))]
                    )),
            ],
            new TaskEmbedding(task.AdapterId, task.AdapterId == ServedAdapter.None.Id ? null : task.AdapterRevision, isCurrent)
        );
    }

    private static TaskSummary Summary(StoredTask task) => new(
        task.Id, task.Name, task.MetaLora, task.Reject, task.Classes, task.Images, task.Bytes, task.Created, task.Updated);

    [LoggerMessage(1, LogLevel.Information, "Task {Id} stored: {Classes} classes, {Images} images")]
    private static partial void LogStored(ILogger logger, string id, int classes, int images);

    [LoggerMessage(2, LogLevel.Information, "Task {Id} changed: {Classes} classes, {Images} images")]
    private static partial void LogChanged(ILogger logger, string id, int classes, int images);

    [LoggerMessage(3, LogLevel.Information, "Task {Id} deleted")]
    private static partial void LogDeleted(ILogger logger, string id);
}
