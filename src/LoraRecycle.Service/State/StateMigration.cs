using Microsoft.EntityFrameworkCore;

namespace LoraRecycle.Service.State;

/// <summary>
/// Brings the database to this program's version. Processes that start at once take turns: on PostgreSQL by Entity
/// Framework's lock, which ends with its connection; on SQLite, where that lock is a row which outlives a process that is
/// killed and would then stop everybody for good, by a file that the operating system unlocks, too.
/// </summary>
internal static class StateMigration
{
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(50);

    /// <exception cref="StateVersionException">The database is newer than the program.</exception>
    public static async Task RunAsync(StateContext context, string? sqliteFile, CancellationToken cancellation)
    {
        await using var turn = sqliteFile is null ? null : await TakeTurnAsync(sqliteFile, cancellation);
        if (sqliteFile is not null)
            await context.Database.ExecuteSqlRawAsync("PRAGMA journal_mode = WAL; DROP TABLE IF EXISTS \"__EFMigrationsLock\";", cancellation);
        // Before anything is changed, and again in case a newer program was faster.
        if (sqliteFile is not null || await context.Database.CanConnectAsync(cancellation))
            await RequireKnownAsync(context, cancellation);
        await context.Database.MigrateAsync(cancellation);
        await RequireKnownAsync(context, cancellation);
    }

    private static async Task RequireKnownAsync(StateContext context, CancellationToken cancellation)
    {
        var unknown = (await context.Database.GetAppliedMigrationsAsync(cancellation)).Except(context.Database.GetMigrations()).ToArray();
        if (unknown.Length > 0)
            throw new StateVersionException(
                $"The database has changes that this program does not know ({string.Join(", ", unknown)}), so a newer one made them. Run that one, or give this one another database (State:ConnectionString, or Storage:Directory for SQLite).");
    }

    private static async Task<FileStream> TakeTurnAsync(string sqliteFile, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(sqliteFile)!);
        while (true)
        {
            try
            {
                // Stays there: were it deleted, one process could lock the old file while another locks a new one.
                return new FileStream($"{sqliteFile}.lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
            }
            catch (IOException) when (File.Exists($"{sqliteFile}.lock"))
            {
                await Task.Delay(Retry, cancellation);
            }
        }
    }
}
