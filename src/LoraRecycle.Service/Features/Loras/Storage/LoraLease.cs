using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace LoraRecycle.Service.Features.Loras.Storage;

/// <summary>Says that somebody needs a LoRA, or that somebody is about to delete it.</summary>
internal sealed class LoraLease
{
    public const int LoraLength = 64, HolderLength = 32;

    /// <summary>What the holder of an announced deletion begins with; no job's id does.</summary>
    public const string DeletionPrefix = "!";

    public required string Lora { get; init; }

    /// <summary>The id of a job, or that of a deletion.</summary>
    public required string Holder { get; init; }

    public required DateTimeOffset Taken { get; init; }

    internal sealed class Configuration : IEntityTypeConfiguration<LoraLease>
    {
        public void Configure(EntityTypeBuilder<LoraLease> builder)
        {
            builder.ToTable("lora_leases").HasKey(lease => new { lease.Lora, lease.Holder });
            builder.Property(lease => lease.Lora).HasMaxLength(LoraLength);
            builder.Property(lease => lease.Holder).HasMaxLength(HolderLength);
        }
    }
}
