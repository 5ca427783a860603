using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace LoraRecycle.Service.Platform.Storage.Sequences;

/// <summary>
/// Numbers the rows of a list in the order in which they are committed: a clock that is set back would put the next row among older
/// ones, where a client that reads the list page by page never sees it. No number is given twice.
/// </summary>
internal sealed class Sequence
{
    public const int NameLength = 50;

    public required string Name { get; init; }

    /// <summary>The number that was given last.</summary>
    public long Value { get; set; }

    /// <summary>Takes the next number. Others who want one wait for the end of the caller's transaction, so that no smaller number is
    /// committed after a larger one.</summary>
    public static async Task<long> NextAsync(string name, StateContext context, CancellationToken cancellation) =>
        (
            await context
                .Database.SqlQuery<long>(
                    $"""
                    INSERT INTO sequences (name, value) VALUES ({name}, 1)
                    ON CONFLICT (name) DO UPDATE SET value = sequences.value + 1 RETURNING value AS "Value"
                    """
                )
                .ToListAsync(cancellation)
        ).Single();

    internal sealed class Configuration : IEntityTypeConfiguration<Sequence>
    {
        public void Configure(EntityTypeBuilder<Sequence> builder)
        {
            builder.ToTable("sequences").HasKey(sequence => sequence.Name);
            builder.Property(sequence => sequence.Name).HasMaxLength(NameLength);
        }
    }
}
