using System.Diagnostics;
using System.Net;
using LoraRecycle.Service.Tests.Loras;
using LoraRecycle.Service.Tests.StoredTasks;
using LoraRecycle.Tests;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace LoraRecycle.Service.Tests.State;

/// <summary>While somebody else holds the database's lock: a backup, another program, a process that hangs.</summary>
public sealed class LockedDatabaseTests(PostgresServer postgres)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgresql")]
    public async Task Whatever_needs_it_gets_503_soon_and_works_when_it_is_free_again(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, postgres);
        await using var service = await TaskService.StartAsync(database);
        var task = await service.AddAsync(TaskBodies.CupsAndChairs());
        using (await service.SendAsync(HttpMethod.Put, "/meta-loras/active", new { id = "none" })) { }

        await using (await LockAsync(database, provider))
        {
            await IsUnavailableAsync(() => service.SendAsync(HttpMethod.Post, "/tasks", TaskBodies.CupsAndChairs()));
            await IsUnavailableAsync(() => service.SendAsync(HttpMethod.Patch, $"/tasks/{task}", new { name = "other" }));
            await IsUnavailableAsync(() => service.SendAsync(HttpMethod.Delete, $"/tasks/{task}"));
            await IsUnavailableAsync(() => service.SendAsync(HttpMethod.Put, "/meta-loras/active", new { id = "none" }));
            await IsUnavailableAsync(() => PostLoraAsync(service.Client));
            // Several at once do not wait for one another.
            await Task.WhenAll(Enumerable.Range(0, 6).Select(_ =>
                IsUnavailableAsync(() => service.SendAsync(HttpMethod.Post, "/tasks", TaskBodies.CupsAndChairs()))));
        }

        using var changed = await service.SendAsync(HttpMethod.Patch, $"/tasks/{task}", new { name = "other" });
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        using var added = await PostLoraAsync(service.Client);
        Assert.Equal(HttpStatusCode.Created, added.StatusCode);
    }

    [Fact]
    public async Task One_that_is_locked_at_the_start_is_told_as_soon_and_found_when_it_is_free()
    {
        using var database = await TestDatabase.CreateAsync("sqlite", postgres);
        await using (var locked = await LockAsync(database, "sqlite"))
        {
            await using var service = await TaskService.StartAsync(database);
            await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => IsUnavailableAsync(() => service.SendAsync(HttpMethod.Get, "/tasks"))));
            await locked.DisposeAsync();
            using var found = await service.SendAsync(HttpMethod.Get, "/tasks");
            Assert.Equal(HttpStatusCode.OK, found.StatusCode);
        }
    }

    private static async Task IsUnavailableAsync(Func<Task<HttpResponseMessage>> send)
    {
        var started = Stopwatch.GetTimestamp();
        using var response = await send();
        await response.IsProblemAsync(503, "state-unavailable");
        Assert.NotNull(response.Headers.RetryAfter);
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, Longest);
    }

    private static async Task<HttpResponseMessage> PostLoraAsync(HttpClient client)
    {
        using var form = new MultipartFormDataContent();
        foreach (var (part, content) in LoraSamples.Peft(1))
            form.Add(new ByteArrayContent(content), part, part);
        return await client.PostAsync(new Uri("/loras", UriKind.Relative), form, Cancellation);
    }

    /// <summary>Until it is disposed of, nobody else can write.</summary>
    private static async Task<IAsyncDisposable> LockAsync(TestDatabase database, string provider)
    {
        if (provider == "sqlite")
        {
            var sqlite = new SqliteConnection($"Data Source={database.Connection.SqliteFile};Pooling=false");
            await sqlite.OpenAsync(Cancellation);
            await using var begin = sqlite.CreateCommand();
            begin.CommandText = "BEGIN EXCLUSIVE";
            await begin.ExecuteNonQueryAsync(Cancellation);
            return sqlite;
        }
        var server = new NpgsqlConnection($"{database.Connection.ConnectionString};Pooling=false");
        await server.OpenAsync(Cancellation);
        await using var command = server.CreateCommand();
        command.CommandText = "BEGIN; LOCK TABLE tasks, blobs, settings, sequences IN ACCESS EXCLUSIVE MODE";
        await command.ExecuteNonQueryAsync(Cancellation);
        return server;
    }
}
