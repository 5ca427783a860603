using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace LoraRecycle.Service.Platform.Storage;

/// <summary>
/// The database. Each feature keeps its entities and their configuration in its own folder; they are found here by their
/// <see cref="IEntityTypeConfiguration{TEntity}"/>, and read through <see cref="DbContext.Set{TEntity}()"/>.
/// </summary>
internal sealed class StateContext(DbContextOptions<StateContext> options) : DbContext(options)
{
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        // SQLite has no such type and cannot compare its text form; ticks of UTC are the same on both providers.
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UtcTicks>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(StateContext).Assembly);
        foreach (var property in modelBuilder.Model.GetEntityTypes().SelectMany(entity => entity.GetProperties()))
            if (property.FindAnnotation(RelationalAnnotationNames.ColumnName) is null)
                property.SetColumnName(SnakeCase(property.Name));
    }

    /// <summary>Names that need no quotes in either database: <c>SupportBytes</c> becomes <c>support_bytes</c>.</summary>
    internal static string SnakeCase(string name) => string.Concat(name.Select((letter, place) =>
        char.IsUpper(letter) ? (place == 0 ? "" : "_") + char.ToLowerInvariant(letter) : letter.ToString()));

    private sealed class UtcTicks()
        : ValueConverter<DateTimeOffset, long>(time => time.UtcTicks, ticks => new DateTimeOffset(ticks, TimeSpan.Zero));
}
