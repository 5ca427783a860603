using LoraRecycle.Core.FewShot;
using LoraRecycle.Core.Imaging;
using LoraRecycle.Service.Endpoints.Episodes;
using LoraRecycle.Service.Errors;
using LoraRecycle.Service.Keys;
using LoraRecycle.Service.Logging;
using LoraRecycle.Service.MetaLoras;
using LoraRecycle.Service.OpenApi;
using LoraRecycle.Service.Serving;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LoraRecycle.Service.Endpoints;

/// <summary>Few-shot classification.</summary>
internal static class ClassifyEndpoints
{
    public static IEndpointRouteBuilder MapClassify(this IEndpointRouteBuilder app)
    {
        app.MapPost("/classify", ClassifyAsync)
            .WithName("Classify")
            .WithTags("Classification")
            .WithSummary("Classifies queries by a few labelled images, without tuning")
            .WithDescription("One episode: support images by class, and queries. Each query is given to the class whose mean embedding is nearest. The model wears the active meta-LoRA, unless metaLora names another one or says none. The same episode gets the same answer whatever else the server is doing.")
            .RequireScope(ApiScopes.Classify)
            .RequireRateLimiting(RequestConcurrency.Policy)
            .WithMetadata(new EpisodeBody())
            .ProducesProblems([.. Problems.Common.Where(kind => kind.Status is not (StatusCodes.Status404NotFound or StatusCodes.Status405MethodNotAllowed))]);
        return app;
    }

    private static async Task<Ok<ClassifyResponse>> ClassifyAsync(
        HttpContext context, EpisodeReader reader, MetaLoraSelection selection, IImageEmbedder embedder, TimeProvider time, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        var episode = await reader.ReadAsync(context.Request);
        // Once, for all images: whatever becomes active meanwhile, this request finishes on what it started with.
        var wearing = selection.Resolve(episode.MetaLora, "metaLora");
        var embedded = await ServingProblems.TranslateAsync(embedder, () => EmbedAsync(episode, wearing, embedder, cancellation));
        var model = await embedder.Model;

        if (context.Features.Get<RequestFacts>() is { } facts)
            (facts.Images, facts.CacheHits) = (episode.Images.Count, embedded.CacheHits);
        return TypedResults.Ok(new ClassifyResponse(
            Predict(episode, embedded.Embeddings),
            new AnsweringModel(model.Id, wearing.Id, wearing == Wearing.None ? null : wearing.Revision),
            new ClassifyTiming(
                Math.Round(embedded.DecodeTime.TotalMilliseconds, 3), Math.Round(embedded.EmbedTime.TotalMilliseconds, 3),
                Math.Round(time.GetElapsedTime(started).TotalMilliseconds, 3)),
            new CacheUse(embedded.CacheHits, embedded.CacheMisses)));
    }

    private static async Task<EmbeddedImages> EmbedAsync(Episode episode, Wearing wearing, IImageEmbedder embedder, CancellationToken cancellation)
    {
        try
        {
            return await embedder.EmbedAsync([.. episode.Images.Select(image => image.Encoded)], wearing, cancellation);
        }
        catch (UnusableImageException exception)
        {
            throw new ProblemException(KindOf(exception.Cause.Fault), exception.Message, episode.Images[exception.Index].Field);
        }
    }

    private static ProblemKind KindOf(ImageFault fault) => fault switch
    {
        ImageFault.UnsupportedFormat => Problems.UnsupportedImageFormat,
        ImageFault.TooLarge => Problems.ImageTooLarge,
        ImageFault.Empty => Problems.EmptyImage,
        _ => Problems.DamagedImage,
    };

    private static QueryPrediction[] Predict(Episode episode, IReadOnlyList<float[]> embeddings)
    {
        var classes = new List<SupportClass>(episode.Classes.Count);
        var next = 0;
        foreach (var (label, shots) in episode.Classes)
        {
            classes.Add(new SupportClass(label, [.. embeddings.Skip(next).Take(shots)]));
            next += shots;
        }
        var classifier = new PrototypeClassifier(new SupportSet(classes));
        var predictions = new QueryPrediction[episode.Queries];
        for (var query = 0; query < predictions.Length; query++)
        {
            var prediction = classifier.Classify(embeddings[next + query]);
            predictions[query] = new QueryPrediction(query, prediction.Best.Label, prediction.Best.Probability,
                [.. prediction.Scores.Select(score => new QueryScore(score.Label, score.Probability, score.Distance))]);
        }
        return predictions;
    }
}
