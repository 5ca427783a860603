using System.Diagnostics;
using LoraRecycle.Service.Platform.Storage.Locks;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace LoraRecycle.Service.Platform.Storage;

/// <summary>
/// Brings the database to this program's version. Processes that start at once take turns, under a lock that the operating
/// system or the database server ends with the process that held it. Entity Framework's own does not suffice: on PostgreSQL
/// it ends with each migration, and whoever waited begins with a list of those to make that is old by then; on SQLite it is a
/// row, which outlives a process that is killed and stops everybody for good.
/// </summary>
internal static class StateMigration
{
    /// <summary>Any number, the same for every version of this program.</summary>
    private const long AdvisoryLock = 0x4C6F5241;

    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(50);

    /// <exception cref="StateVersionException">The database is newer than the program.</exception>
    public static async Task RunAsync(StateContext context, string? sqliteFile, CancellationToken cancellation)
    {
        await using var turn = sqliteFile is null ? null : await TakeTurnAsync(sqliteFile, cancellation);
        if (sqliteFile is not null)
            StatePatience.BeShort(); // nobody migrates by now, and requests wait for this
        // Open until the context goes, as the lock is the connection's.
        await context.Database.OpenConnectionAsync(cancellation);
        if (sqliteFile is null)
            await context.Database.ExecuteSqlAsync($"SELECT pg_advisory_lock({AdvisoryLock})", cancellation);
        else
            await context.Database.ExecuteSqlRawAsync(
                "PRAGMA journal_mode = WAL; DROP TABLE IF EXISTS \"__EFMigrationsLock\";",
                cancellation
            );
        // Migrating takes a tenth of a second to find out that there is nothing to do, at every start.
        if (!await context.GetService<IHistoryRepository>().ExistsAsync(cancellation) || !await IsOfThisVersionAsync(context, cancellation))
            await context.Database.MigrateAsync(cancellation);
        // A pooled connection keeps what its session holds until it is used again.
        if (sqliteFile is null)
            await context.Database.ExecuteSqlAsync($"SELECT pg_advisory_unlock({AdvisoryLock})", cancellation);
    }

    private static async Task<bool> IsOfThisVersionAsync(StateContext context, CancellationToken cancellation)
    {
        var (applied, known) = (await context.Database.GetAppliedMigrationsAsync(cancellation), context.Database.GetMigrations().ToArray());
        if (applied.Except(known).ToArray() is { Length: > 0 } unknown)
            throw new StateVersionException(
                $"The database has migrations unknown to this version ({string.Join(", ", unknown)}), so a newer version made them. Run "
                    + "the newer version, or give this one another database (State:ConnectionString, or Storage:Directory for SQLite)."
            );
        return !known.Except(applied).Any();
    }

    private static async Task<FileStream> TakeTurnAsync(string sqliteFile, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(sqliteFile)!);
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                // Stays there: were it deleted, one process could lock the old file while another locks a new one.
                return new FileStream($"{sqliteFile}.lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
            }
            catch (IOException) when (File.Exists($"{sqliteFile}.lock") && Stopwatch.GetElapsedTime(started) < StatePatience.Current)
            {
                await Task.Delay(Retry, cancellation);
            }
        }
    }
}
