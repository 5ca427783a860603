using LoraRecycle.Service.Platform.Storage;
using LoraRecycle.Tests;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;

namespace LoraRecycle.Service.Tests.State;

/// <summary>On real databases of both kinds: the tables that the migrations make are those that the program reads.</summary>
public sealed class MigrationTests(PostgresServer postgres)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgresql")]
    public async Task The_migrated_tables_are_those_of_the_model(string provider)
    {
        using var test = await TestDatabase.CreateAsync(provider, postgres);
        using var database = test.Open();
        await using var context = await database.OpenAsync(Cancellation);

        foreach (var table in context.GetService<IDesignTimeModel>().Model.GetRelationalModel().Tables)
        {
            var expected = table
                .Columns.Select(column => $"{column.Name} {column.StoreType} {(column.IsNullable ? "null" : "not null")}")
                .Order(StringComparer.Ordinal);
            Assert.Equal(
                expected,
                (await ColumnsAsync(context, table.Name)).Order(StringComparer.Ordinal),
                StringComparer.OrdinalIgnoreCase
            );
            var indexes = table.Indexes.Select(index => index.Name).Order(StringComparer.Ordinal);
            Assert.Equal(indexes, (await IndexesAsync(context, table.Name)).Order(StringComparer.Ordinal));
        }
    }

    private static Task<List<string>> ColumnsAsync(StateContext context, string table) =>
        context.Database.IsSqlite()
            ? context
                .Database.SqlQuery<string>(
                    $"""
                    SELECT name || ' ' || type || CASE "notnull" WHEN 1 THEN ' not null' ELSE ' null' END AS "Value"
                    FROM pragma_table_info({table})
                    """
                )
                .ToListAsync(Cancellation)
            : context
                .Database.SqlQuery<string>(
                    $"""
                    SELECT attname || ' ' || format_type(atttypid, atttypmod)
                        || CASE WHEN attnotnull THEN ' not null' ELSE ' null' END AS "Value"
                    FROM pg_attribute WHERE attrelid = {table}::regclass AND attnum > 0 AND NOT attisdropped
                    """
                )
                .ToListAsync(Cancellation);

    private static Task<List<string>> IndexesAsync(StateContext context, string table) =>
        context.Database.IsSqlite()
            ? context
                .Database.SqlQuery<string>($"SELECT name AS \"Value\" FROM pragma_index_list({table}) WHERE origin = 'c'")
                .ToListAsync(Cancellation)
            : context
                .Database.SqlQuery<string>(
                    $"""
                    SELECT indexrelid::regclass::text AS "Value" FROM pg_index WHERE indrelid = {table}::regclass AND NOT indisprimary
                    """
                )
                .Select(name => name.Replace("\"", ""))
                .ToListAsync(Cancellation);

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgresql")]
    public async Task Processes_that_start_at_once_all_find_the_database_ready(string provider)
    {
        using var test = await TestDatabase.CreateAsync(provider, postgres);
        var processes = Enumerable.Range(0, 6).Select(_ => test.Open()).ToArray();
        await Task.WhenAll(processes.Select(process => Task.Run(() => process.PrepareAsync(Cancellation), Cancellation)));

        foreach (var process in processes)
        {
            Assert.NotNull(await new SettingStore(process).SetAsync("key", "value", Cancellation));
            process.Dispose();
        }
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgresql")]
    public async Task A_database_of_a_newer_program_is_refused_and_not_changed(string provider)
    {
        using var test = await TestDatabase.CreateAsync(provider, postgres);
        using (var database = test.Open())
        {
            await using var context = await database.OpenAsync(Cancellation);
            await context.Database.ExecuteSqlRawAsync(
                "INSERT INTO \"__EFMigrationsHistory\" (\"MigrationId\", \"ProductVersion\") VALUES "
                    + "('99990101000000_FromTheFuture', '99.0')",
                Cancellation
            );
            // Were it changed, this one would be made again, and fail because its table is there.
            await context.Database.ExecuteSqlRawAsync(
                "DELETE FROM \"__EFMigrationsHistory\" WHERE \"MigrationId\" LIKE '%Settings'",
                Cancellation
            );
        }
        using var older = test.Open();
        var thrown = await Assert.ThrowsAsync<StateVersionException>(() => older.PrepareAsync(Cancellation));

        Assert.Contains("FromTheFuture", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_process_killed_while_it_changed_sqlite_stops_nobody()
    {
        using var test = await TestDatabase.CreateAsync(StateOptions.Sqlite, postgres);
        using (var database = test.Open())
        {
            await using var context = await database.OpenAsync(Cancellation);
            await context.Database.ExecuteSqlRawAsync(
                "INSERT INTO \"__EFMigrationsLock\" VALUES (1, '2026-01-01')", Cancellation);
        }
        using var next = test.Open();

        await next.PrepareAsync(Cancellation).WaitAsync(TimeSpan.FromSeconds(30), Cancellation);
    }
}
