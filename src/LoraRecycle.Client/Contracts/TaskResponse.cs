using System.Text.Json.Serialization;

namespace LoraRecycle.Client.Contracts;

/// <summary>A page of stored tasks, in the order in which they were stored.</summary>
/// <param name="Tasks">The tasks.</param>
/// <param name="Next">Pass as <c>after</c> to get the next page; null on the last page.</param>
public sealed record TasksResponse(IReadOnlyList<TaskSummary> Tasks, string? Next);

/// <summary>A stored task, without its contents.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its name; null when it has none.</param>
/// <param name="MetaLora">The meta-LoRA it uses: "default" (whichever is active), "none", or an id.</param>
/// <param name="Reject">The share of known queries that may be rejected; null for no rejection.</param>
/// <param name="Classes">The number of classes.</param>
/// <param name="Images">The number of images.</param>
/// <param name="Bytes">The size of its images.</param>
/// <param name="Created">When it was stored.</param>
/// <param name="Updated">When it was last changed.</param>
public sealed record TaskSummary(
    string Id,
    string? Name,
    string MetaLora,
    double? Reject,
    int Classes,
    int Images,
    long Bytes,
    DateTimeOffset Created,
    DateTimeOffset Updated
);

/// <summary>A stored task.</summary>
/// <param name="Task">The summary.</param>
/// <param name="Classes">Its classes.</param>
/// <param name="Embedded">The meta-LoRA its embeddings were made with.</param>
public sealed record TaskResponse(TaskSummary Task, IReadOnlyList<TaskClass> Classes, TaskEmbedding Embedded)
{
    /// <summary>The version that this is, for <c>ifMatch</c>: the answer's header <c>ETag</c>.</summary>
    [JsonIgnore]
    public string? ETag { get; init; }
}

/// <summary>A class of a stored task.</summary>
/// <param name="Label">Its label.</param>
/// <param name="Images">Its images, in the order in which they were added.</param>
public sealed record TaskClass(string Label, IReadOnlyList<TaskImage> Images);

/// <summary>An image of a stored task.</summary>
/// <param name="Id">Its id, as used in <c>dropImages</c>; never reused within the task.</param>
/// <param name="Sha256">SHA-256 of the file that was sent.</param>
/// <param name="Bytes">The size of the file.</param>
public sealed record TaskImage(long Id, string Sha256, int Bytes);

/// <summary>The meta-LoRA that the embeddings of a stored task were made with.</summary>
/// <param name="MetaLora">The id of the meta-LoRA; "none" for the bare model.</param>
/// <param name="MetaLoraRevision">SHA-256 over its files; null for the bare model.</param>
/// <param name="Current">Whether the task still uses that meta-LoRA. If not, the next use of the task recomputes the embeddings; until
/// then, it answers with these.</param>
public sealed record TaskEmbedding(string MetaLora, string? MetaLoraRevision, bool Current);
