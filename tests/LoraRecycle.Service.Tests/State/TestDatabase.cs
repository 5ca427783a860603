using LoraRecycle.Service.Platform.Storage;
using LoraRecycle.Tests;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

[assembly: AssemblyFixture(typeof(PostgresServer))]

namespace LoraRecycle.Service.Tests.State;

/// <summary>A database of one test, on either provider, and what opens it as the service does.</summary>
internal sealed class TestDatabase : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lora-recycle-state-").FullName;
    private readonly string? _connectionString;

    private TestDatabase(string? connectionString) => _connectionString = connectionString;

    public static async Task<TestDatabase> CreateAsync(string provider, PostgresServer postgres) =>
        new(provider == StateOptions.PostgreSql ? await postgres.CreateDatabaseAsync() : null);

    /// <summary>The settings of a service that uses it.</summary>
    public string[] Settings => _connectionString is null
        ? ["--Storage:Directory", _folder]
        : ["--Storage:Directory", _folder, "--State:Provider", StateOptions.PostgreSql, "--State:ConnectionString", _connectionString];

    public string Folder => _folder;

    public StateConnection Connection =>
        new(
            Options.Create(
                new StateOptions
                {
                    Provider = _connectionString is null ? StateOptions.Sqlite : StateOptions.PostgreSql,
                    ConnectionString = _connectionString,
                }
            ),
            Options.Create(new StorageOptions { Directory = _folder })
        );

    /// <summary>Another process, as it were: nothing but the database is shared with those that were opened before.</summary>
    public StateDatabase Open()
    {
        var builder = new DbContextOptionsBuilder<StateContext>();
        StateRegistration.Configure(builder, Connection);
        return new StateDatabase(new Contexts(builder.Options), Connection);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private sealed class Contexts(DbContextOptions<StateContext> options) : IDbContextFactory<StateContext>
    {
        public StateContext CreateDbContext() => new(options);
    }
}
