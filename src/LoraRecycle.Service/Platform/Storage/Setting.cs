using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace LoraRecycle.Service.Platform.Storage;

/// <summary>One thing that the service was told and remembers over restarts.</summary>
internal sealed class Setting
{
    public const int KeyLength = 100;

    public required string Key { get; init; }

    public required string Value { get; set; }

    /// <summary>From 1, and one more with each change: what a reader saw last tells it whether there is something new.</summary>
    public long Version { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<Setting>
    {
        public void Configure(EntityTypeBuilder<Setting> builder)
        {
            builder.ToTable("settings").HasKey(setting => setting.Key);
            builder.Property(setting => setting.Key).HasMaxLength(KeyLength);
            builder.Property(setting => setting.Version).IsConcurrencyToken();
        }
    }
}
