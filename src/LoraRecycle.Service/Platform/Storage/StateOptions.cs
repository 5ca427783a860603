using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Npgsql;

namespace LoraRecycle.Service.Platform.Storage;

/// <summary>The database that holds what the service remembers: stored tasks, jobs, settings.</summary>
public sealed class StateOptions
{
    public const string Section = "State";

    /// <summary>One file in the data directory, for one machine.</summary>
    public const string Sqlite = "sqlite";

    /// <summary>A server, which processes on several machines may share.</summary>
    public const string PostgreSql = "postgresql";

    /// <summary><see cref="Sqlite"/> or <see cref="PostgreSql"/>.</summary>
    [Required, RegularExpression($"{Sqlite}|{PostgreSql}", ErrorMessage = $"Expected {Sqlite} or {PostgreSql}.")]
    public string Provider { get; set; } = Sqlite;

    /// <summary>
    /// How PostgreSQL is reached, as Npgsql writes it: <c>Host=db;Database=lora;Username=lora;Password=...</c>. It holds a
    /// secret, so no message and no log ever has it.
    /// </summary>
    public string? ConnectionString { get; set; }
}

/// <summary>The settings that must fit one another.</summary>
internal sealed class StateIsReachable : IValidateOptions<StateOptions>
{
    private const string Setting = $"{StateOptions.Section}:{nameof(StateOptions.ConnectionString)}";

    public ValidateOptionsResult Validate(string? name, StateOptions options) =>
        options switch
        {
            { Provider: StateOptions.Sqlite, ConnectionString: { Length: > 0 } } => ValidateOptionsResult.Fail(
                $"{Setting}: Only for State:Provider={StateOptions.PostgreSql}; SQLite keeps its file in Storage:Directory. Leave it out."
            ),
            { Provider: StateOptions.PostgreSql } when !IsComplete(options.ConnectionString) => ValidateOptionsResult.Fail(
                $"{Setting}: Expected an Npgsql connection string with at least Host and Database, such as "
                    + "Host=db;Database=lora;Username=lora;Password=... (the current value is not shown, because it may contain a "
            ),
            _ => ValidateOptionsResult.Success,
        };

    private static bool IsComplete(string? text)
    {
        try
        {
            return new NpgsqlConnectionStringBuilder(text) is { Host.Length: > 0, Database.Length: > 0 };
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or InvalidCastException or KeyNotFoundException)
        {
            return false;
        }
    }
}
