using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Platform.Storage;

/// <summary>Where the database is. Whoever opens connections besides Entity Framework (a scheduler, say) takes them from here.</summary>
internal sealed class StateConnection
{
    private const string FileName = "state.db";
    private const int BusySeconds = 30;

    public StateConnection(IOptions<StateOptions> state, IOptions<StorageOptions> storage)
    {
        if (state.Value.Provider == StateOptions.PostgreSql)
        {
            ConnectionString = state.Value.ConnectionString!;
            return;
        }
        SqliteFile = Path.Combine(storage.Value.FullPath, FileName);
        ConnectionString = new SqliteConnectionStringBuilder
        {
            DataSource = SqliteFile,
            ForeignKeys = true,
            DefaultTimeout = BusySeconds,
        }.ConnectionString;
    }

    /// <summary>The file of SQLite, which need not be there yet; null on PostgreSQL.</summary>
    public string? SqliteFile { get; }

    /// <summary>Holds a secret on PostgreSQL: never logged.</summary>
    public string ConnectionString { get; }
}
