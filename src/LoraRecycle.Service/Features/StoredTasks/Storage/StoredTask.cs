using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace LoraRecycle.Service.Features.StoredTasks.Storage;

/// <summary>A support set that is kept, with the embeddings of its images.</summary>
internal sealed class StoredTask
{
    public const int IdLength = 32;

    /// <summary>The name of the sequence that numbers tasks.</summary>
    public const string SequenceName = "tasks";

    public required string Id { get; init; }

    /// <summary>Grows with each task that is stored: the order of lists.</summary>
    public long Sequence { get; set; }

    public string? Name { get; set; }

    /// <summary>What was asked for: an id, <c>none</c>, or <c>default</c> for whichever is active.</summary>
    public required string MetaLora { get; init; }

    /// <summary>The share of known queries that may be rejected; null for no rejection.</summary>
    public double? Reject { get; set; }

    /// <summary>One more with each change that a client makes: the entity tag.</summary>
    public long Version { get; set; } = 1;

    /// <summary>One more with each change of any kind, so that of two at once one finds out.</summary>
    public long Revision { get; set; } = 1;

    public DateTimeOffset Created { get; init; }

    public DateTimeOffset Updated { get; set; }

    /// <summary>How many classes, for lists.</summary>
    public int Classes { get; set; }

    /// <summary>How many images, for lists.</summary>
    public int Images { get; set; }

    /// <summary>What its images take, for lists.</summary>
    public long Bytes { get; set; }

    /// <summary>The number of the next image; none is given twice.</summary>
    public long NextImage { get; set; } = 1;

    /// <summary>The revision of the foundation model that all embeddings are of.</summary>
    public required string ModelRevision { get; set; }

    /// <summary>The adapter that was merged into it.</summary>
    public required string AdapterId { get; set; }

    /// <summary>The revision of that adapter.</summary>
    public required string AdapterRevision { get; set; }

    public List<StoredImage> Support { get; } = [];

    internal sealed class Configuration : IEntityTypeConfiguration<StoredTask>
    {
        public void Configure(EntityTypeBuilder<StoredTask> builder)
        {
            builder.ToTable("tasks").HasKey(task => task.Id);
            builder.Property(task => task.Id).HasMaxLength(IdLength);
            builder.HasIndex(task => task.Sequence, "IX_tasks_sequence");
            builder.Property(task => task.Revision).IsConcurrencyToken();
            builder.Property(task => task.AdapterId).HasColumnName("worn_id");
            builder.Property(task => task.AdapterRevision).HasColumnName("worn_revision");
            builder.HasMany(task => task.Support).WithOne().HasForeignKey(image => image.TaskId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}

/// <summary>One image of a stored task.</summary>
internal sealed class StoredImage
{
    public required string TaskId { get; init; }

    /// <summary>Its id within the task.</summary>
    public long Number { get; init; }

    public required string Label { get; init; }

    /// <summary>The SHA-256 of the file that was sent, in hex: the name of the blob that holds it.</summary>
    public required string Content { get; init; }

    public int Bytes { get; init; }

    /// <summary>float32 values in little-endian order.</summary>
    public required byte[] Embedding { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<StoredImage>
    {
        public void Configure(EntityTypeBuilder<StoredImage> builder)
        {
            builder.ToTable("task_images").HasKey(image => new { image.TaskId, image.Number });
            builder.Property(image => image.TaskId).HasMaxLength(StoredTask.IdLength);
            builder.Property(image => image.Content).HasMaxLength(StoredBlob.NameLength);
            builder.HasIndex(image => image.Content);
        }
    }
}

/// <summary>
/// Stands for a file of the blob store while somebody decides over it: whoever adds an image with this content, and whoever
/// removes the file because none is left, holds the row's lock meanwhile.
/// </summary>
internal sealed class StoredBlob
{
    public const int NameLength = 64;

    public required string Sha256 { get; init; }

    internal sealed class Configuration : IEntityTypeConfiguration<StoredBlob>
    {
        public void Configure(EntityTypeBuilder<StoredBlob> builder)
        {
            builder.ToTable("blobs").HasKey(blob => blob.Sha256);
            builder.Property(blob => blob.Sha256).HasMaxLength(NameLength);
        }
    }
}
