using System.Runtime.CompilerServices;
using LoraRecycle.Service.Features.Classification.Episodes;
using LoraRecycle.Service.Features.Recycling.Settings;
using LoraRecycle.Service.Features.StoredTasks.Storage;
using LoraRecycle.Service.Platform.Http.Errors;
using LoraRecycle.Service.Serving.Embedding;
using LoraRecycle.Service.Serving.Models;

namespace LoraRecycle.Service.Features.Tuning.Requests;

/// <summary>Labelled images, of which each can be decoded.</summary>
/// <param name="Classes">In the order in which they were given.</param>
/// <param name="Images">The encoded images of the first class, of the second, ...; read once.</param>
internal sealed record LabelledFiles(IReadOnlyList<TunedClass> Classes, IAsyncEnumerable<ReadOnlyMemory<byte>> Images);

/// <summary>The images that a LoRA is to be tuned on: those of a request, or of a stored task.</summary>
internal sealed class TuneExamples(ImageEmbedder embedder, TaskStore tasks, BlobStore blobs)
{
    /// <exception cref="ProblemException">There are too few, one cannot be decoded, or there is no such task.</exception>
    public async Task<LabelledFiles> OfAsync(ReadTuneRequest request, CancellationToken cancellation)
    {
        var examples = request.Task is { } task ? await StoredAsync(task, request, cancellation) : await SentAsync(request, cancellation);
        foreach (var one in examples.Classes)
            RequireEnough(one, request);
        return examples;
    }

    private async Task<LabelledFiles> SentAsync(ReadTuneRequest request, CancellationToken cancellation)
    {
        var support = request.Episode.Support();
        EpisodeBuilder.RequireSeveral(support.Classes.Count, RequestMemberNames.Support);
        // What the model cannot see is refused before anything is kept.
        _ = await embedder.EmbedAsync(support.Images, ServedAdapter.None, cancellation);
        return new LabelledFiles(
            [.. support.Classes.Select(one => new TunedClass(one.Label, one.Shots))],
            support.Images.Select(image => image.Encoded).ToAsyncEnumerable());
    }

    private async Task<LabelledFiles> StoredAsync(string id, ReadTuneRequest request, CancellationToken cancellation)
    {
        var task = await tasks.FindAsync(id, cancellation)
            ?? throw new ProblemException(
                TuneProblems.UnknownTask,
                "Expected the id of a stored task on this server; GET /tasks lists them.",
                RequestMemberNames.Task
            );
        var classes = TaskSupport.ByClass(task.Support).ToArray();
        foreach (var one in classes)
            request.Episode.CheckLabel(one.Key, RequestMemberNames.Task); // it may have been stored under other rules
        return new LabelledFiles(
            [.. classes.Select(one => new TunedClass(one.Key, one.Count()))],
            ReadAsync([.. classes.SelectMany(one => one)], cancellation));
    }

    private async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(
        IReadOnlyList<StoredImage> images, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var image in images)
            yield return await blobs.ReadAsync(image, cancellation);
    }

    private static void RequireEnough(TunedClass one, ReadTuneRequest request)
    {
        var kept = one.Images - (int)(one.Images * request.HeldOut);
        var least = request.Settings.Choice.LeastImages;
        if (kept < least)
            throw new ProblemException(
                TuneProblems.TooFewExamples,
                $"Expected at least {least} images of each class to tune on, because the method '{request.Settings.Method}' searches with "
                    + $"one half and judges by the other; '{one.Label}' has {one.Images}, of which {one.Images - kept} are held out. Give "
                    + "more images, hold out fewer, or choose another method.",
                request.Task is null ? RequestMemberNames.Support : RequestMemberNames.Task
            );
    }
}
