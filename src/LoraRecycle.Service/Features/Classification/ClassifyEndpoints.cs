using LoraRecycle.Core.FewShot;
using LoraRecycle.Core.FewShot.Classification;
using LoraRecycle.Core.FewShot.Rejection;
using LoraRecycle.Service.Features.Classification.Episodes;
using LoraRecycle.Service.Features.MetaLoras;
using LoraRecycle.Service.Platform.Http.Errors;
using LoraRecycle.Service.Platform.Http.Limits;
using LoraRecycle.Service.Platform.Observability.Logging;
using LoraRecycle.Service.Platform.Security;
using LoraRecycle.Service.Serving.Embedding;
using LoraRecycle.Service.Serving.Models;
using LoraRecycle.Service.Serving.Traffic;
using Microsoft.AspNetCore.Http.HttpResults;
using Serilog;

namespace LoraRecycle.Service.Features.Classification;

/// <summary>Few-shot classification.</summary>
internal static class ClassifyEndpoints
{
    public static IEndpointRouteBuilder MapClassify(this IEndpointRouteBuilder app)
    {
        app.MapPost("/classify", ClassifyAsync)
            .AskTheModel()
            .WithName("Classify")
            .WithTags("Classification")
            .WithSummary("Classifies queries from a few labelled images, without tuning")
            .WithDescription(
                "The body is one episode: support images by class, then the queries. Each query goes to the class with the nearest mean "
                    + "embedding. The model uses the active meta-LoRA unless metaLora names another one or is none. With reject, a query "
                    + "that belongs to no class gets the label null. The same episode always gets the same answer, whatever the " +
                        "server's load."
            )
            .RequireScope(ApiScopes.Classify)
            .KeepBodyInMemory()
            .WithMetadata(new EpisodeBody(typeof(ClassifyRequest), RequestMembers.Episode))
            .ProducesProblems([
                .. Problems.All.Where(kind => kind.Status is not (StatusCodes.Status404NotFound or StatusCodes.Status405MethodNotAllowed)),
            ]);
        return app;
    }

    private static async Task<Ok<ClassifyResponse>> ClassifyAsync(
        HttpRequest request,
        EpisodeReader reader,
        MetaLoraSelection selection,
        ImageEmbedder embedder,
        Calibrations calibrations,
        IDiagnosticContext line,
        TimeProvider time,
        CancellationToken cancellation
    )
    {
        var started = time.GetTimestamp();
        var episode = await reader.ReadAsync(request);
        // Once, for all images: whatever becomes active meanwhile, this request finishes on what it started with.
        var adapter = selection.Resolve(episode.MetaLora, RequestMemberNames.MetaLora);
        var embedded = await embedder.EmbedAsync(episode.Images, adapter, cancellation);

        line.SetImages(episode.Images.Count, embedded.CacheHits);
        var support = SupportOf(episode, embedded.Embeddings);
        var threshold = episode.Reject is { } target ? RejectionThreshold.Calibrate(support, target) : null;
        var model = await embedder.Model;
        float[][] queries = [.. embedded.Embeddings.Skip(episode.Images.Count - episode.Queries)];
        var answer = new Answer(
            new PrototypeClassifier(support, calibrations.For(model, adapter).Calibration),
            threshold,
            model,
            adapter
        ).To(queries, embedded, time.GetElapsedTime(started));
        return TypedResults.Ok(
            episode.Embeddings
                ? answer with
                {
                    Embeddings = new EpisodeEmbeddings(
                        [.. support.Classes.Select(one => new ClassEmbeddings(one.Label, one.Embeddings))],
                        queries
                    ),
                }
                : answer
        );
    }

    private static SupportSet SupportOf(RequestedEpisode episode, IReadOnlyList<float[]> embeddings)
    {
        var classes = new List<SupportClass>(episode.Classes.Count);
        var next = 0;
        foreach (var (label, shots) in episode.Classes)
        {
            classes.Add(new SupportClass(label, [.. embeddings.Skip(next).Take(shots)]));
            next += shots;
        }
        return new SupportSet(classes);
    }
}
