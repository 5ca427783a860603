using LoraRecycle.Service.Features.Classification;

namespace LoraRecycle.Service.Features.StoredTasks;

/// <summary>Some of the stored tasks, in the order in which they were stored.</summary>
/// <param name="Tasks">Them.</param>
/// <param name="Next">What <c>after</c> must be for those that follow; null where none do.</param>
public sealed record TasksResponse(IReadOnlyList<TaskSummary> Tasks, string? Next);

/// <summary>A stored task, without what is in it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">What it is called; null for no name.</param>
/// <param name="MetaLora">What it asks for: "default" (whichever is active), "none", or the id of a meta-LoRA.</param>
/// <param name="Reject">The share of queries of its classes that may be rejected; null for no rejection.</param>
/// <param name="Classes">How many classes it has.</param>
/// <param name="Images">How many images.</param>
/// <param name="Bytes">What they take.</param>
/// <param name="Created">When it was stored.</param>
/// <param name="Updated">When it was last changed.</param>
public sealed record TaskSummary(
    string Id, string? Name, string MetaLora, double? Reject, int Classes, int Images, long Bytes, DateTimeOffset Created, DateTimeOffset Updated);

/// <summary>A stored task.</summary>
/// <param name="Task">What it is.</param>
/// <param name="Classes">Its classes.</param>
/// <param name="Embedded">What its embeddings were made with.</param>
public sealed record TaskResponse(TaskSummary Task, IReadOnlyList<TaskClass> Classes, TaskEmbedding Embedded);

/// <summary>A class of a stored task.</summary>
/// <param name="Label">Its label.</param>
/// <param name="Images">Its images, in the order in which they were added.</param>
public sealed record TaskClass(string Label, IReadOnlyList<TaskImage> Images);

/// <summary>An image of a stored task.</summary>
/// <param name="Id">What <c>dropImages</c> calls it; never given to another image of the task.</param>
/// <param name="Sha256">Of the file that was sent.</param>
/// <param name="Bytes">Its length.</param>
public sealed record TaskImage(long Id, string Sha256, int Bytes);

/// <summary>What the embeddings of a stored task were made with.</summary>
/// <param name="MetaLora">The id of the meta-LoRA; "none" for the bare model.</param>
/// <param name="MetaLoraRevision">SHA-256 over its files; null for the bare model.</param>
/// <param name="Current">Whether that is what the task asks for now. Where it is not, they are made anew when the task is next used, and it answers with these until then.</param>
public sealed record TaskEmbedding(string MetaLora, string? MetaLoraRevision, bool Current);

/// <summary>A support set to store. It is read as a stream, so this type only describes the JSON form.</summary>
public sealed class NewTaskRequest
{
    /// <summary>The classes: at least 2. A label that comes twice is one class with the images of both.</summary>
    [System.ComponentModel.DataAnnotations.Required, System.ComponentModel.DataAnnotations.MinLength(2)]
    public required IReadOnlyList<ClassifySupport> Support { get; init; }

    /// <summary>What to call it.</summary>
    public string? Name { get; init; }

    /// <summary>"default" to follow the active meta-LoRA, "none" (the bare model), or the id of a meta-LoRA.</summary>
    public string? MetaLora { get; init; }

    /// <summary>The share of queries of its classes that may be rejected, above 0 and at most 0.5; null for no rejection.</summary>
    public double? Reject { get; init; }
}

/// <summary>A change of a stored task; what is left out stays. It is read as a stream, so this type only describes the JSON form.</summary>
public sealed class TaskChangeRequest
{
    /// <summary>Classes and images to add, after what is to be dropped was dropped.</summary>
    public IReadOnlyList<ClassifySupport>? Support { get; init; }

    /// <summary>Labels of classes to drop with all their images.</summary>
    public IReadOnlyList<string>? DropClasses { get; init; }

    /// <summary>Ids of images to drop; a class without images goes, too.</summary>
    public IReadOnlyList<long>? DropImages { get; init; }

    /// <summary>What to call it; null for no name.</summary>
    public string? Name { get; init; }

    /// <summary>The share of queries of its classes that may be rejected; null for no rejection.</summary>
    public double? Reject { get; init; }
}

/// <summary>Queries for a stored task. It is read as a stream, so this type only describes the JSON form.</summary>
public sealed class TaskQueries
{
    /// <summary>The images to classify, at least 1, each as base64 or a data: URI.</summary>
    [System.ComponentModel.DataAnnotations.Required, System.ComponentModel.DataAnnotations.MinLength(1)]
    public required IReadOnlyList<string> Queries { get; init; }
}
