using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace LoraRecycle.Service.Platform.Storage;

/// <summary>The database was made by a newer program, so this one must not touch it.</summary>
public sealed class StateVersionException(string message) : Exception(message);

/// <summary>The database cannot be used at the moment: it is not there, not reachable, locked, or its disk is full.</summary>
public sealed class StateUnavailableException(string message, Exception? cause = null) : Exception(message, cause);

internal static class StateFailures
{
    /// <summary>busy, locked, read-only, I/O error, corrupt, full, cannot open, no permission, not a database.</summary>
    private static readonly int[] SqliteCodes = [5, 6, 8, 10, 11, 13, 14, 23, 26];

    /// <summary>Connection, authorization, no such database, resources, operator intervention, system error.</summary>
    private static readonly string[] PostgreSqlClasses = ["08", "28", "3D", "53", "57", "58"];

    /// <summary>Whether work on the database failed for the database's sake, and may succeed when it is there again.</summary>
    public static bool IsUnavailable(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
            if (cause is StateUnavailableException || (cause is DbException failure && IsUnavailable(failure)))
                return true;
        return false;
    }

    /// <summary>Whether the database cannot be used: not at the moment, or not by this program.</summary>
    public static bool IsUnusable(Exception exception) => exception is StateVersionException || IsUnavailable(exception);

    /// <summary>Whether a change failed because of others at the same time, and may succeed now.</summary>
    public static bool IsConflict(Exception exception) =>
        exception.GetBaseException()
            is PostgresException { SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected };

    /// <summary>Whether a row was refused because there is one with its key.</summary>
    public static bool IsDuplicate(Exception exception) =>
        exception.GetBaseException()
            is SqliteException { SqliteErrorCode: 19, SqliteExtendedErrorCode: 1555 or 2067 }
                or PostgresException { SqlState: PostgresErrorCodes.UniqueViolation };

    /// <summary>Whether a row was refused because what it belongs to is gone.</summary>
    public static bool IsOrphan(Exception exception) =>
        exception.GetBaseException()
            is SqliteException { SqliteErrorCode: 19, SqliteExtendedErrorCode: 787 }
                or PostgresException { SqlState: PostgresErrorCodes.ForeignKeyViolation };

    private static bool IsUnavailable(DbException failure) =>
        failure switch
        {
            SqliteException sqlite => SqliteCodes.Contains(sqlite.SqliteErrorCode),
            PostgresException postgres => postgres.IsTransient || PostgreSqlClasses.Contains(postgres.SqlState[..2]),
            NpgsqlException => true, // all but what the server itself said: it did not answer
            _ => false,
        };
}
