using LoraRecycle.Service.Features.Classification.Episodes;
using LoraRecycle.Service.Platform.Http.Errors;

namespace LoraRecycle.Service.Features.StoredTasks.Storage;

/// <summary>The errors of stored tasks alone.</summary>
public static class TaskProblems
{
    public static readonly ProblemKind NotFound = new("task-not-found", 404, "No such task.");
    public static readonly ProblemKind TooMany = new("too-many-tasks", 409, "The server's quota of tasks is used up.");
    public static readonly ProblemKind Changed = new("task-changed", 412, "The task has changed.");
    public static readonly ProblemKind TooLarge = new("task-too-large", 413, "The task has too many images, classes or bytes.");
    public static readonly ProblemKind UnknownClass = new("unknown-class", 422, "The task has no such class.");
    public static readonly ProblemKind UnknownImage = new("unknown-image", 422, "The task has no such image.");
    public static readonly ProblemKind ImageLost = new("task-image-lost", 500, "The server has lost an image of the task.");
    public static readonly ProblemKind InvalidPage = new("invalid-page", 422, "No such page.");

    /// <summary>All of them, by status.</summary>
    public static IReadOnlyList<ProblemKind> All { get; } =
    [NotFound, TooMany, Changed, TooLarge, TaskName.Invalid, UnknownClass, UnknownImage, InvalidPage, ImageLost];
}
