using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace LoraRecycle.Service.Platform.Storage;

/// <summary>
/// What SQLite forgets from one connection to the next: to wait for another writer inside the library, which wakes sooner
/// than a retry from outside, and to have every commit on the disk before it is answered for.
/// </summary>
internal sealed class SqlitePragmas : DbConnectionInterceptor
{
    private const string Pragmas = "PRAGMA busy_timeout = 30000; PRAGMA synchronous = FULL;";

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
    {
        using var command = connection.CreateCommand();
        command.CommandText = Pragmas;
        command.ExecuteNonQuery();
    }

    public override async Task ConnectionOpenedAsync(
        DbConnection connection,
        ConnectionEndEventData eventData,
        CancellationToken cancellationToken = default
    )
    {
        await using var command = connection.CreateCommand();
        command.CommandText = Pragmas;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
