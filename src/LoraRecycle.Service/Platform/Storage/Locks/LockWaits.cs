using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace LoraRecycle.Service.Platform.Storage.Locks;

/// <summary>
/// What a database forgets from one connection to the next: how long to wait for who has it locked (with SQLite inside the library,
/// which wakes sooner than a retry from outside), and SQLite to have every commit on the disk before it is answered for.
/// </summary>
internal sealed class LockWaits : DbConnectionInterceptor
{
    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
    {
        using var command = CommandFor(connection);
        command.ExecuteNonQuery();
    }

    public override async Task ConnectionOpenedAsync(
        DbConnection connection,
        ConnectionEndEventData eventData,
        CancellationToken cancellationToken = default
    )
    {
        await using var command = CommandFor(connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static DbCommand CommandFor(DbConnection connection)
    {
        var milliseconds = StatePatience.Seconds * 1000;
        // Less than the library waits, or what it gave up would be begun once more from outside.
        if (connection is SqliteConnection sqlite)
            sqlite.DefaultTimeout = Math.Max(1, StatePatience.Seconds / 2);
        var command = connection.CreateCommand();
        command.CommandText =
            connection is SqliteConnection
                ? $"PRAGMA busy_timeout = {milliseconds}; PRAGMA synchronous = FULL;"
                : $"SET lock_timeout = {milliseconds}";
        return command;
    }
}
