using System.Text.Json;
using System.Text.Json.Nodes;
using LoraRecycle.Service.Features.StoredTasks.Storage;
using LoraRecycle.Service.Platform.Storage.Sequences;
using LoraRecycle.Service.Tests.Jobs;
using LoraRecycle.Service.Tests.Loras;
using LoraRecycle.Service.Tests.StoredTasks;
using LoraRecycle.Tests;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace LoraRecycle.Service.Tests.State;

/// <summary>Lists are in the order in which things happened, whatever the clock said then, and so are their pages.</summary>
public sealed class OrderTests(PostgresServer postgres)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgresql")]
    public async Task Tasks_are_listed_as_they_were_stored_although_the_clock_was_set_back(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, postgres);
        await using var service = await TaskService.StartAsync(database);
        var ids = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            ids.Add(await service.AddAsync(TaskBodies.CupsAndChairs()));
            // As though the clock had been set back by an hour before each of them.
            await RenameAsync(database, "tasks", ids[^1], ids[^1] = $"{4 - i:x8}{ids[^1][8..]}", "task_images", "task_id");
        }

        var first = await service.GetAsync("/tasks?limit=2");
        Assert.Equal(ids[..2], Ids(first, "tasks"));
        // The last one of the page goes, and the place is good all the same.
        using (await service.SendAsync(HttpMethod.Delete, $"/tasks/{ids[1]}")) { }
        var second = await service.GetAsync($"/tasks?limit=2&after={first.GetProperty("next").GetString()}");
        Assert.Equal(ids[2..], Ids(second, "tasks"));
        Assert.Equal(JsonValueKind.Null, second.GetProperty("next").ValueKind);

        // Places as they were given before tasks were numbered.
        Assert.Equal(ids[2..], Ids(await service.GetAsync($"/tasks?after={ids[0]}"), "tasks"));
        using var gone = await service.SendAsync(HttpMethod.Get, $"/tasks?after={ids[1]}");
        var problem = await gone.IsProblemAsync(422, "invalid-page", "after");
        Assert.Contains("begin again with the first page", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_number_is_not_given_again_when_the_last_task_goes()
    {
        using var database = await TestDatabase.CreateAsync("sqlite", postgres);
        await using var service = await TaskService.StartAsync(database);
        var (kept, last) = (await service.AddAsync(TaskBodies.CupsAndChairs()), await service.AddAsync(TaskBodies.CupsAndChairs()));
        var store = service.Services.GetRequiredService<TaskStore>();
        var place = await store.PlaceAsync(last, Cancellation);
        using (await service.SendAsync(HttpMethod.Delete, $"/tasks/{last}")) { }
        var next = await service.AddAsync(TaskBodies.CupsAndChairs());

        Assert.Equal([next], Ids(await service.GetAsync($"/tasks?after={place}"), "tasks"));
        Assert.Equal([kept, next], Ids(await service.GetAsync("/tasks"), "tasks"));
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgresql")]
    public async Task Rows_from_before_they_were_numbered_keep_their_order(string provider)
    {
        using var test = await TestDatabase.CreateAsync(provider, postgres);
        using var database = test.Open();
        await using (var context = await database.OpenAsync(Cancellation))
        {
            await context.Database.ExecuteSqlRawAsync("DROP INDEX \"IX_tasks_sequence\"", Cancellation);
            await context.Database.ExecuteSqlRawAsync("ALTER TABLE tasks DROP COLUMN sequence", Cancellation);
            await context.Database.ExecuteSqlRawAsync("DELETE FROM sequences", Cancellation);
            await context.Database.ExecuteSqlRawAsync(
                "DELETE FROM \"__EFMigrationsHistory\" WHERE \"MigrationId\" LIKE '%TaskOrder'", Cancellation);
            foreach (var id in new[] { "c", "a", "b" })
                await context.Database.ExecuteSqlAsync(
                    $"""
                    INSERT INTO tasks (id, meta_lora, version, revision, created, updated, classes, images, bytes, next_image,
                        model_revision, worn_id, worn_revision)
                    VALUES ({id}, 'none', 1, 1, 0, 0, 2, 2, 10, 3, 'x', 'none', '')
                    """,
                    Cancellation
                );
        }

        using var next = test.Open();
        await using var migrated = await next.OpenAsync(Cancellation);
        var tasks = await migrated.Set<StoredTask>().OrderBy(task => task.Sequence).ToListAsync(Cancellation);
        Assert.Equal([("a", 1L), ("b", 2L), ("c", 3L)], tasks.Select(task => (task.Id, task.Sequence)));
        Assert.Equal(4, await Sequence.NextAsync(StoredTask.SequenceName, migrated, Cancellation));
    }

    [Fact]
    public async Task Jobs_are_listed_latest_first_although_the_clock_was_set_back()
    {
        using var database = await TestDatabase.CreateAsync("sqlite", postgres);
        await using var service = await JobService.StartAsync(database.Folder);
        var lora = (await service.LorasAsync(1))[0];
        var ids = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            ids.Insert(0, await service.StartJobAsync(lora, iterations: 1));
            await service.FollowAsync(ids[0]);
            await RenameAsync(database, "recycle_jobs", ids[0], ids[0] = $"{3 - i:x8}{ids[0][8..]}", "recycle_units", "job_id");
        }

        var first = await service.GetAsync("/recycle?limit=2");
        Assert.Equal(ids[..2], Ids(first, "jobs"));
        var next = first.GetProperty("next").GetString();
        Assert.Equal(ids[2..], Ids(await service.GetAsync($"/recycle?before={next}"), "jobs"));
        Assert.Equal(ids[2..], Ids(await service.GetAsync($"/recycle?before={ids[1]}"), "jobs"));
        foreach (var none in new[] { new string('0', 32), "yesterday", "1.x", "-1." + ids[0] })
            using (var refused = await service.Client.GetAsync(new Uri($"/recycle?before={none}", UriKind.Relative), Cancellation))
                await refused.IsProblemAsync(422, "invalid-setting", "before");
    }

    [Fact]
    public async Task Loras_are_listed_as_they_came_although_the_clock_was_set_back()
    {
        var data = Directory.CreateTempSubdirectory("lora-recycle-order-").FullName;
        var ids = new List<string>();
        for (var hour = 0; hour < 3; hour++)
        {
            await using var service = await MarketService.StartAsync(data);
            ids.Add((await service.AddAsync(LoraSamples.Peft(hour))).Id());
            // As though each had come an hour before the last one.
            await EditAsync(Path.Combine(data, "loras", ids[^1], "lora.json"), facts =>
                facts["added"] = JsonValue.Create(DateTimeOffset.UnixEpoch.AddHours(-hour)));
        }
        await using var end = await MarketService.StartAsync(data);
        Assert.Equal(ids, await end.IdsAsync());
        var first = await end.GetAsync("/loras?limit=1");
        var after = first.GetProperty("next").GetString();
        Assert.Equal(ids[1..], Ids(await end.GetAsync($"/loras?after={after}"), "loras"));
        // A place as it was given before LoRAs were numbered: after all that had none.
        Assert.Equal(ids, Ids(await end.GetAsync($"/loras?after=1.{ids[0]}"), "loras"));
        await end.DisposeAsync();
        Directory.Delete(data, recursive: true);
    }

    private static async Task EditAsync(string path, Action<JsonObject> edit)
    {
        var facts = JsonNode.Parse(await File.ReadAllTextAsync(path, Cancellation))!.AsObject();
        edit(facts);
        await File.WriteAllTextAsync(path, facts.ToJsonString(), Cancellation);
    }

    /// <summary>Gives a row an id that another clock would have given it.</summary>
    private static async Task RenameAsync(TestDatabase test, string table, string from, string to, string parts, string column)
    {
        using var database = test.Open();
        await using var context = await database.OpenAsync(Cancellation);
        await context.Database.OpenConnectionAsync(Cancellation); // the pragma is the connection's
        if (context.Database.IsSqlite())
            await context.Database.ExecuteSqlRawAsync("PRAGMA foreign_keys = OFF", Cancellation);
        else if (parts == "task_images")
            await context.Database.ExecuteSqlRawAsync(
                "ALTER TABLE task_images DROP CONSTRAINT IF EXISTS \"FK_task_images_tasks_task_id\"", Cancellation);
#pragma warning disable EF1002 // names of this test's own
        await context.Database.ExecuteSqlRawAsync($"UPDATE {parts} SET {column} = '{to}' WHERE {column} = '{from}'", Cancellation);
        await context.Database.ExecuteSqlRawAsync($"UPDATE {table} SET id = '{to}' WHERE id = '{from}'", Cancellation);
#pragma warning restore EF1002
    }

    private static string[] Ids(JsonElement page, string list) =>
        [.. page.GetProperty(list).EnumerateArray().Select(one => one.GetProperty("id").GetString()!)];
}
