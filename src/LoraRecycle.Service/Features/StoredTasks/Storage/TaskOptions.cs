using System.ComponentModel.DataAnnotations;

namespace LoraRecycle.Service.Features.StoredTasks.Storage;

/// <summary>What stored tasks may take. What one request may have, <c>Limits</c> says.</summary>
public sealed class TaskOptions
{
    public const string Section = "Tasks";

    /// <summary>Most tasks.</summary>
    [Range(0, 10_000_000)]
    public int Count { get; set; } = 10_000;

    /// <summary>Most images of one task.</summary>
    [Range(2, 1_000_000)]
    public int Images { get; set; } = 2_000;

    /// <summary>Most classes of one task.</summary>
    [Range(2, 100_000)]
    public int Classes { get; set; } = 1_000;

    /// <summary>Most bytes of one task's images.</summary>
    [Range(1024, 1L << 40)]
    public long Bytes { get; set; } = 256L << 20;

    /// <summary>Most bytes of all tasks' images.</summary>
    [Range(1024, 1L << 50)]
    public long TotalBytes { get; set; } = 10L << 30;

    /// <summary>Memory that prototypes of tasks in use may take; those of others are made again from the database.</summary>
    [Range(1 << 20, 1L << 40)]
    public long CacheBytes { get; set; } = 64L << 20;
}
