using LoraRecycle.Service.Features.Loras.Storage;
using LoraRecycle.Service.Features.MetaLoras;
using LoraRecycle.Service.Features.Recycling.Settings;
using LoraRecycle.Service.Platform.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace LoraRecycle.Service.Features.Recycling.Jobs;

/// <summary>One job: what was asked for, frozen when it was accepted, and how far it is.</summary>
internal sealed class RecycleJob
{
    public const int IdLength = LoraLease.HolderLength, StateLength = 16;

    /// <summary>The name of the sequence that numbers jobs.</summary>
    public const string SequenceName = "recycle_jobs";

    public required string Id { get; init; }

    /// <summary>Grows with each job that is accepted: the order of lists.</summary>
    public long Sequence { get; set; }

    public JobKind Kind { get; init; }

    public required DateTimeOffset Created { get; init; }

    public DateTimeOffset? Started { get; set; }

    public DateTimeOffset? Ended { get; set; }

    public JobState State { get; set; }

    public JobStage Stage { get; set; }

    /// <summary>When the stage began.</summary>
    public required DateTimeOffset StageStarted { get; set; }

    /// <summary>The id that the meta-LoRA gets; empty where none is made.</summary>
    public required string MetaLora { get; init; }

    /// <summary>The same while the job may still publish it: no two jobs have the same one at once.</summary>
    public string? ClaimedName { get; set; }

    /// <summary>Everything that decides the result.</summary>
    public required IJobSettings Asked { get; init; }

    /// <summary>The same, of a job that recycles.</summary>
    public RecycleSettings Settings => (RecycleSettings)Asked;

    /// <summary>The same, of a job that tunes.</summary>
    public TuneSettings Tuning => (TuneSettings)Asked;

    /// <summary>The LoRAs that are recycled; none where one is tuned.</summary>
    public required IReadOnlyList<RecycledLoraName> Loras { get; init; }

    /// <summary>How many events it has had: the number of the last one.</summary>
    public long Events { get; set; }

    /// <summary>Why it failed.</summary>
    public string? Error { get; set; }

    /// <summary>Whether the result became the active one; null until it is decided.</summary>
    public ActivationOutcome? Activation { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<RecycleJob>
    {
        public void Configure(EntityTypeBuilder<RecycleJob> builder)
        {
            builder.ToTable("recycle_jobs").HasKey(job => job.Id);
            builder.Property(job => job.Id).HasMaxLength(IdLength);
            builder.Property(job => job.Kind).HasConversion<string>().HasMaxLength(StateLength);
            builder.Property(job => job.State).HasConversion<string>().HasMaxLength(StateLength);
            builder.Property(job => job.Stage).HasConversion<string>().HasMaxLength(StateLength);
            builder.Property(job => job.MetaLora).HasMaxLength(MetaLoraNames.MaxLength);
            builder.Property(job => job.ClaimedName).HasMaxLength(MetaLoraNames.MaxLength);
            builder.Property(job => job.Asked).HasColumnName("settings").HasJobSettings();
            builder.Ignore(job => job.Settings).Ignore(job => job.Tuning);
            builder.Property(job => job.Loras).HasJson(RecycleJson.Default.IReadOnlyListRecycledLoraName);
            builder.Property(job => job.Activation).HasJson(RecycleJson.Default.ActivationOutcome);
            builder.HasIndex(job => job.Sequence, "IX_recycle_jobs_sequence");
            builder.HasIndex(job => job.ClaimedName, "IX_recycle_jobs_claimed_name").IsUnique();
        }
    }
}
