using LoraRecycle.Service.Features.Classification.Episodes;
using LoraRecycle.Service.Features.StoredTasks.Ready;
using LoraRecycle.Service.Features.StoredTasks.Storage;
using LoraRecycle.Service.Platform.Http.Errors;
using LoraRecycle.Service.Serving;
using LoraRecycle.Service.Serving.Embedding;
using LoraRecycle.Service.Serving.Models;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Features.StoredTasks;

/// <summary>Stores and changes tasks.</summary>
internal sealed class TaskEditor(
    TaskStore store, BlobStore blobs, TaskAdapters adapters, TaskRenewal renewal, TaskAnswers answers, ImageEmbedder embedder,
    IOptions<TaskOptions> options, TimeProvider time)
{
    private const int Attempts = 50;

    /// <exception cref="ProblemException">The task cannot be stored.</exception>
    public async Task<StoredTask> AddAsync(EpisodeBuilder request, CancellationToken cancellation)
    {
        var support = request.Support();
        EpisodeBuilder.RequireSeveral(support.Classes.Count, RequestMemberNames.Support);
        RequireFits(support.Classes.Count, support.Images.Count, support.Images.Sum(image => (long)image.Encoded.Length));
        var adapter = adapters.Wanted(request.MetaLora);
        // Embedded first: what is no image never comes to the disk.
        var embedded = await embedder.EmbedAsync(support.Images, adapter, cancellation);
        using var intake = blobs.Receive();
        var now = time.GetUtcNow();
        var task = new StoredTask
        {
            Id = Guid.CreateVersion7(now).ToString("N"),
            Name = request.Name.Value,
            MetaLora = request.MetaLora,
            Reject = request.Reject.Target,
            Created = now,
            Updated = now,
            ModelRevision = (await embedder.Model).Revision,
            AdapterId = adapter.Id,
            AdapterRevision = adapter.Revision,
        };
        Add(task, support, embedded.Embeddings, Receive(support, intake));
        await store.AddAsync(task, intake, cancellation);
        return task;
    }

    /// <param name="id">The task's id.</param>
    /// <param name="versions">The versions that it may be of; null for any.</param>
    /// <param name="request">What to change.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="ProblemException">It cannot be changed like this.</exception>
    public async Task<StoredTask> ChangeAsync(
        string id,
        IReadOnlyCollection<long>? versions,
        EpisodeBuilder request,
        CancellationToken cancellation
    )
    {
        var support = request.Support();
        var embedded = (Adapter: (ServedAdapter?)null, Embeddings: (IReadOnlyList<float[]>)[]);
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var task = await store.FindAsync(id, cancellation) ?? throw ReadyTasks.NotFound();
            RequireVersion(task.Version, versions);
            var kept = TaskSupport.Kept(task.Support, request.DropClasses, request.DropImages);
            var labels = kept.Select(image => image.Label)
                .Concat(support.Classes.Select(one => one.Label))
                .ToHashSet(StringComparer.Ordinal);
            EpisodeBuilder.RequireSeveral(labels.Count, RequestMemberNames.DropClasses);
            RequireFits(
                labels.Count,
                kept.Count + support.Images.Count,
                kept.Sum(image => (long)image.Bytes) + support.Images.Sum(image => (long)image.Encoded.Length)
            );
            if (support.Images.Count > 0)
            {
                // All embeddings of a task are of one adapter, so that of the old ones also where the task asks for another by now.
                if (await CurrentAdapterAsync(task, cancellation) is not { } adapter)
                    continue;
                if (embedded.Adapter?.Revision != adapter.Revision)
                    embedded = (adapter, (await embedder.EmbedAsync(support.Images, adapter, cancellation)).Embeddings);
            }
            using var intake = support.Images.Count > 0 ? blobs.Receive() : null;
            // Before the transaction begins, which gives the files their names.
            var contents = intake is null ? [] : Receive(support, intake);
            if (
                await store.ChangeAsync(
                    task,
                    read => Change(read, kept, support, embedded.Embeddings, contents, request),
                    intake,
                    cancellation
                )
            )
                return task;
        }
        throw new ProblemException(TaskProblems.Changed, "Other requests keep changing the task; send the request again.");
    }

    /// <summary>Refuses a task that is not of the versions that a client knows.</summary>
    public static void RequireVersion(long version, IReadOnlyCollection<long>? versions)
    {
        if (versions is not null && !versions.Contains(version))
            throw new ProblemException(
                TaskProblems.Changed,
                "Expected the task unchanged since its ETag was read (If-Match); it has changed. GET the task and try again.",
                "If-Match"
            );
    }

    /// <returns>What the task's embeddings were made with; null when they had to be made anew, and so the task is another one.</returns>
    private async Task<ServedAdapter?> CurrentAdapterAsync(StoredTask task, CancellationToken cancellation)
    {
        var model = await ServingProblems.TranslateAsync(embedder, () => embedder.Model.WaitAsync(cancellation));
        if (task.ModelRevision == model.Revision && adapters.Find(task.AdapterId, task.AdapterRevision) is { } earlier)
            return earlier;
        var wanted = adapters.Wanted(task.MetaLora);
        if (task.ModelRevision == model.Revision && task.AdapterRevision == wanted.Revision)
            return wanted;
        await answers.WaitAsync(renewal.Begin(task.Id, wanted), cancellation);
        return null;
    }

    private void Change(
        StoredTask task,
        IReadOnlyList<StoredImage> kept,
        EpisodeSupport support,
        IReadOnlyList<float[]> embeddings,
        IReadOnlyList<string> contents,
        EpisodeBuilder request
    )
    {
        var keep = kept.ToHashSet();
        task.Support.RemoveAll(image => !keep.Contains(image));
        Add(task, support, embeddings, contents);
        if (request.Name.IsGiven)
            task.Name = request.Name.Value;
        if (request.Reject.IsGiven)
            task.Reject = request.Reject.Target;
        task.Version++;
        task.Updated = time.GetUtcNow();
    }

    /// <returns>The names of the images' files.</returns>
    private static string[] Receive(EpisodeSupport support, BlobIntake intake) =>
        [.. support.Images.Select(image => intake.Add(image.Encoded.Span))];

    private static void Add(StoredTask task, EpisodeSupport support, IReadOnlyList<float[]> embeddings, IReadOnlyList<string> contents)
    {
        var next = 0;
        foreach (var (label, shots) in support.Classes)
            for (var shot = 0; shot < shots; shot++, next++)
                task.Support.Add(new StoredImage
                {
                    TaskId = task.Id,
                    Number = task.NextImage++,
                    Label = label,
                    Content = contents[next],
                    Bytes = support.Images[next].Encoded.Length,
                    Embedding = TaskSupport.ToBytes(embeddings[next]),
                });
        Count(task);
    }

    private static void Count(StoredTask task) =>
        (task.Classes, task.Images, task.Bytes) = (
            task.Support.Select(image => image.Label).Distinct(StringComparer.Ordinal).Count(),
            task.Support.Count,
            task.Support.Sum(image => (long)image.Bytes)
        );

    private void RequireFits(int classes, int images, long bytes)
    {
        var most = options.Value;
        if (classes > most.Classes || images > most.Images || bytes > most.Bytes)
            throw new ProblemException(
                TaskProblems.TooLarge,
                $"Expected a task of at most {most.Classes} classes, {most.Images} images and {most.Bytes} bytes; the result would have "
                    + $"{classes}, {images} and {bytes}. Use several tasks, or send smaller images.",
                RequestMemberNames.Support);
    }
}
