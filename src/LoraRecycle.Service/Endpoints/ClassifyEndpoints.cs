using LoraRecycle.Core.FewShot;
using LoraRecycle.Core.Imaging;
using LoraRecycle.Service.Endpoints.Episodes;
using LoraRecycle.Service.Errors;
using LoraRecycle.Service.Logging;
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
            .WithDescription("One episode: support images by class, and queries. Each query is given to the class whose mean embedding is nearest. The same episode gets the same answer whatever else the server is doing.")
            .RequireRateLimiting(RequestConcurrency.Policy)
            .WithMetadata(new EpisodeBody())
            .ProducesProblems([.. Problems.All.Where(kind => kind != Problems.NotFound && kind != Problems.MethodNotAllowed)]);
        return app;
    }

    private static async Task<Ok<ClassifyResponse>> ClassifyAsync(
        HttpContext context, EpisodeReader reader, IImageEmbedder embedder, TimeProvider time, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        var episode = await reader.ReadAsync(context.Request);
        var metaLora = MetaLoras.Resolve(episode.MetaLora);
        var embedded = await EmbedAsync(episode, embedder, cancellation);
        var model = await embedder.Model;

        if (context.Features.Get<RequestFacts>() is { } facts)
            (facts.Images, facts.CacheHits) = (episode.Images.Count, embedded.CacheHits);
        return TypedResults.Ok(new ClassifyResponse(
            Predict(episode, embedded.Embeddings),
            new AnsweringModel(model.Id, metaLora),
            new ClassifyTiming(
                Math.Round(embedded.DecodeTime.TotalMilliseconds, 3), Math.Round(embedded.EmbedTime.TotalMilliseconds, 3),
                Math.Round(time.GetElapsedTime(started).TotalMilliseconds, 3)),
            new CacheUse(embedded.CacheHits, embedded.CacheMisses)));
    }

    private static async Task<EmbeddedImages> EmbedAsync(Episode episode, IImageEmbedder embedder, CancellationToken cancellation)
    {
        try
        {
            return await embedder.EmbedAsync([.. episode.Images.Select(image => image.Encoded)], cancellation);
        }
        catch (UnusableImageException exception)
        {
            throw new ProblemException(KindOf(exception.Cause.Fault), exception.Message, episode.Images[exception.Index].Field);
        }
        catch (QueueFullException exception)
        {
            throw new ProblemException(Problems.QueueFull, $"{exception.Message} Send the request again in a moment.");
        }
        catch (ModelFailureException exception)
        {
            throw embedder.Model.IsFaulted
                ? new ProblemException(Problems.ModelUnavailable, "The model could not be loaded; the log of the server says why.", cause: exception)
                : new ProblemException(Problems.ModelFailure, "The model failed on this request, which is no fault of the request; the log of the server has more under this request id.", cause: exception);
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
