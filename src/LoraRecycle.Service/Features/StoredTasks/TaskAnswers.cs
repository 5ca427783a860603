using LoraRecycle.Service.Features.Classification;
using LoraRecycle.Service.Features.Classification.Episodes;
using LoraRecycle.Service.Features.Loras.Storage;
using LoraRecycle.Service.Features.StoredTasks.Ready;
using LoraRecycle.Service.Platform.Http.Errors;
using LoraRecycle.Service.Serving;
using LoraRecycle.Service.Serving.Embedding;
using LoraRecycle.Service.Serving.Models;

namespace LoraRecycle.Service.Features.StoredTasks;

/// <summary>
/// Answers queries of stored tasks: from the embeddings that are there as long as the model can still take what they were made
/// with, while those for what the task asks for now are on their way; else it waits for these.
/// </summary>
internal sealed class TaskAnswers(ReadyTasks tasks, TaskAdapters adapters, TaskRenewal renewal, ImageEmbedder embedder)
{
    /// <exception cref="ProblemException">There is no such task, an image cannot be used, or the model failed.</exception>
    public async Task<(Answer Answer, EmbeddedImages Queries)> ClassifyAsync(
        string id,
        IReadOnlyList<EpisodeImage> queries,
        CancellationToken cancellation
    )
    {
        var (task, adapter, isOld) = await PrepareAsync(id, mayBeOld: true, cancellation);
        EmbeddedImages embedded;
        try
        {
            embedded = await embedder.EmbedAsync(queries, adapter, cancellation);
        }
        catch (ProblemException problem) when (isOld && problem.Kind == Problems.MetaLoraUnavailable)
        {
            // What the old embeddings were made with is gone.
            (task, adapter, _) = await PrepareAsync(id, mayBeOld: false, cancellation);
            embedded = await embedder.EmbedAsync(queries, adapter, cancellation);
        }
        return (new Answer(task.Classifier, task.Threshold, await embedder.Model, adapter), embedded);
    }

    private async Task<(ReadyTask Task, ServedAdapter Adapter, bool IsOld)> PrepareAsync(
        string id,
        bool mayBeOld,
        CancellationToken cancellation
    )
    {
        var model = await ServingProblems.TranslateAsync(embedder, () => embedder.Model.WaitAsync(cancellation));
        while (true)
        {
            var task = await tasks.FindAsync(id, model, cancellation);
            var wanted = adapters.TryWanted(task.MetaLora);
            if (wanted is not null && task.ModelRevision == model.Revision && task.AdapterRevision == wanted.Revision)
                return (task, wanted, false);
            var renewing = wanted is null ? null : renewal.Begin(id, wanted);
            if (mayBeOld && task.ModelRevision == model.Revision && adapters.Find(task.AdapterId, task.AdapterRevision) is { } earlier)
                return (task, earlier, true);
            await WaitAsync(renewing ?? throw Unusable(task.MetaLora), cancellation);
        }
    }

    /// <summary>Waits for new embeddings, where nothing can be done without.</summary>
    public Task WaitAsync(Task renewing, CancellationToken cancellation) => ServingProblems.TranslateAsync(embedder, async () =>
    {
        try
        {
            await renewing.WaitAsync(cancellation);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or UnusableImageException)
        {
            throw LoraUpload.NotStored(exception);
        }
    });

    private ProblemException Unusable(string metaLora)
    {
        try
        {
            adapters.Wanted(metaLora);
            return new ProblemException(
                Problems.MetaLoraUnavailable,
                $"The meta-LoRA '{metaLora}' that the task uses could not be found a moment ago. Send the request again."
            );
        }
        catch (ProblemException problem)
        {
            return problem;
        }
    }
}
