using LoraRecycle.Service.Platform.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace LoraRecycle.Service.Features.Recycling.Jobs;

/// <summary>What a unit does.</summary>
internal enum UnitKind
{
    Invert,
    Distill,
    Evaluate,
    Tune,
}

/// <summary>What has become of a unit.</summary>
internal enum UnitState
{
    /// <summary>For the units before it.</summary>
    Waiting,

    Queued,
    Running,
    Done,
    Failed,
    Cancelled,
}

/// <summary>
/// A part of a job that one worker does on one device. Which LoRAs are in it is decided when the job is accepted, so the
/// result does not depend on who does it.
/// </summary>
internal sealed class RecycleUnit
{
    public const int OwnerLength = 200;

    public required string JobId { get; init; }

    /// <summary>From 0, in the order of the stages.</summary>
    public required int Number { get; init; }

    public required UnitKind Kind { get; init; }

    /// <summary>The ids of an inversion's LoRAs; other kinds have none.</summary>
    public required IReadOnlyList<string> Loras { get; init; }

    public UnitState State { get; set; }

    /// <summary>How often it was started, without those that were given back at a shutdown.</summary>
    public int Attempts { get; set; }

    /// <summary>The number of the last start. Who holds an older one has lost the unit, and nothing that it writes counts.</summary>
    public long Fence { get; set; }

    /// <summary>The process that started it last.</summary>
    public string? Owner { get; set; }

    public DateTimeOffset? Started { get; set; }

    public DateTimeOffset? Ended { get; set; }

    /// <summary>When its owner was last heard of.</summary>
    public DateTimeOffset? Heartbeat { get; set; }

    /// <summary>Not to be started before.</summary>
    public DateTimeOffset NotBefore { get; set; }

    public long Iteration { get; set; }

    public long Iterations { get; set; }

    public double? Loss { get; set; }

    /// <summary>What the start that finished it gave; null until then.</summary>
    public UnitResult? Result { get; set; }

    /// <summary>What the last failed attempt failed with.</summary>
    public string? Error { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<RecycleUnit>
    {
        public void Configure(EntityTypeBuilder<RecycleUnit> builder)
        {
            builder.ToTable("recycle_units").HasKey(unit => new { unit.JobId, unit.Number });
            builder.Property(unit => unit.JobId).HasMaxLength(RecycleJob.IdLength);
            builder.Property(unit => unit.Kind).HasConversion<string>().HasMaxLength(RecycleJob.StateLength);
            builder.Property(unit => unit.State).HasConversion<string>().HasMaxLength(RecycleJob.StateLength);
            builder.Property(unit => unit.Owner).HasMaxLength(OwnerLength);
            builder.Property(unit => unit.Loras).HasJson(RecycleJson.Default.IReadOnlyListString);
            builder.Property(unit => unit.Result).HasJson(RecycleJson.Default.UnitResult);
        }
    }
}
