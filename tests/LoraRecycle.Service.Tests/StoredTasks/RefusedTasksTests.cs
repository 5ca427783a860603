using LoraRecycle.Service.Tests.State;
using LoraRecycle.Tests;

namespace LoraRecycle.Service.Tests.StoredTasks;

public sealed class RefusedTasksTests(PostgresServer postgres)
{
    private static readonly object Cup = EpisodeRequests.Class("cup", Photographs.Base64("cup", 0));
    private static readonly object Chair = EpisodeRequests.Class("chair", Photographs.Base64("chair", 0));

    [Fact]
    public async Task What_is_no_task_is_refused_with_the_field_at_fault_and_leaves_nothing()
    {
        using var database = await TestDatabase.CreateAsync("sqlite", postgres);
        await using var service = await TaskService.StartAsync(database, null, "none", "--Tasks:Images", "3", "--Tasks:Classes", "2");
        foreach (
            var (body, status, code, field) in new (object, int, string, string?)[]
            {
                (new { support = new[] { Cup } }, 422, "too-few-classes", "support"),
                // PostgreSQL cannot keep it.
                (new { support = new[] { Cup, EpisodeRequests.Class("a\0b", Photographs.Base64("chair", 0)) } }, 422, "invalid-label",
                    "support[1].label"),
                (new { support = new[] { Cup, Chair }, queries = Array.Empty<string>() }, 422, "unknown-field", "queries"),
                (new { support = new[] { Cup, Chair }, metaLora = "no-such" }, 422, "unknown-meta-lora", "metaLora"),
                (new { support = new[] { Cup, Chair }, reject = 0.6 }, 422, "invalid-reject", "reject"),
                (new { support = new[] { Cup, Chair }, reject = 0 }, 422, "invalid-reject", "reject"),
                (new { support = new[] { Cup, Chair }, reject = "0.05" }, 422, "wrong-type", "reject"),
                (new { support = new[] { Cup, Chair }, name = " " }, 422, "invalid-task-name", "name"),
                (new { support = new[] { Cup, Chair }, name = new string('a', 101) }, 422, "invalid-task-name", "name"),
                (
                    new { support = new[] { Cup, Chair, EpisodeRequests.Class("c", Photographs.Base64("cup", 1)) } },
                    413,
                    "task-too-large",
                    "support"
                ),
                (new { support = new[] { Cup, Chair, Cup, Chair } }, 413, "task-too-large", "support"),
                (
                    new { support = new[] { Cup, EpisodeRequests.Class("chair", "AAAA") } },
                    415,
                    "unsupported-image-format",
                    "support[1].images[0]"
                ),
            }
        )
        {
            using var response = await service.SendAsync(HttpMethod.Post, "/tasks", body);
            await response.IsProblemAsync(status, code, field);
        }
        Assert.Empty(StoredTaskTests.Blobs(database));
        Assert.Equal(0, (await service.GetAsync("/tasks")).GetProperty("tasks").GetArrayLength());
    }

    [Fact]
    public async Task A_change_that_cannot_be_made_is_refused_and_the_task_stays()
    {
        using var database = await TestDatabase.CreateAsync("sqlite", postgres);
        await using var service = await TaskService.StartAsync(database);
        var id = await service.AddAsync(TaskBodies.CupsAndChairs());
        var before = await service.GetAsync($"/tasks/{id}");
        foreach (var (body, status, code, field) in new (object, int, string, string?)[]
        {
            (new { dropClasses = new[] { "spoon" } }, 422, "unknown-class", "dropClasses"),
            (new { dropImages = new[] { 17 } }, 422, "unknown-image", "dropImages"),
            (new { dropImages = new[] { 1.5 } }, 422, "wrong-type", "dropImages[0]"),
            (new { dropClasses = new[] { "" } }, 422, "empty-label", "dropClasses[0]"),
            (new { dropClasses = new[] { "cup" } }, 422, "too-few-classes", "dropClasses"),
            (new { metaLora = "none" }, 422, "unknown-field", "metaLora"),
            (new { support = new[] { EpisodeRequests.Class("new", "AAAA") } }, 415, "unsupported-image-format", "support[0].images[0]"),
        })
        {
            using var response = await service.SendAsync(HttpMethod.Patch, $"/tasks/{id}", body);
            await response.IsProblemAsync(status, code, field);
        }
        using var tag = await service.SendAsync(HttpMethod.Patch, $"/tasks/{id}", new { name = "x" }, ifMatch: "3");
        await tag.IsProblemAsync(400, "malformed-request", "If-Match");
        using var weak = await service.SendAsync(HttpMethod.Patch, $"/tasks/{id}", new { name = "x" }, ifMatch: "W/\"1\"");
        await weak.IsProblemAsync(412, "task-changed", "If-Match");

        Assert.Equal(before.GetRawText(), (await service.GetAsync($"/tasks/{id}")).GetRawText());
    }

    [Fact]
    public async Task A_task_that_is_not_there_a_page_that_is_none_and_queries_that_are_none_are_refused()
    {
        using var database = await TestDatabase.CreateAsync("sqlite", postgres);
        await using var service = await TaskService.StartAsync(database);
        var id = await service.AddAsync(TaskBodies.CupsAndChairs());
        foreach (
            var (method, path, body, status, code, field) in new (HttpMethod, string, object?, int, string, string?)[]
            {
                (HttpMethod.Get, "/tasks/no-such", null, 404, "task-not-found", null),
                (HttpMethod.Patch, "/tasks/no-such", new { name = "x" }, 404, "task-not-found", null),
                (HttpMethod.Delete, "/tasks/no-such", null, 404, "task-not-found", null),
                (HttpMethod.Post, "/tasks/no-such/classify", new { queries = TaskBodies.Queries }, 404, "task-not-found", null),
                (HttpMethod.Post, $"/tasks/{id}/classify", new { queries = Array.Empty<string>() }, 422, "no-query", "queries"),
                (
                    HttpMethod.Post,
                    $"/tasks/{id}/classify",
                    new { queries = TaskBodies.Queries, metaLora = "none" },
                    422,
                    "unknown-field",
                    "metaLora"
                ),
                (HttpMethod.Get, "/tasks?limit=0", null, 422, "invalid-page", "limit"),
                (HttpMethod.Get, "/tasks?limit=1001", null, 422, "invalid-page", "limit"),
                (HttpMethod.Get, "/tasks?after=first", null, 422, "invalid-page", "after"),
            }
        )
        {
            using var response = await service.SendAsync(method, path, body);
            await response.IsProblemAsync(status, code, field);
        }
    }

    [Fact]
    public async Task No_more_tasks_are_stored_than_the_settings_allow()
    {
        using var database = await TestDatabase.CreateAsync("sqlite", postgres);
        await using var service = await TaskService.StartAsync(database, null, "none", "--Tasks:Count", "1");
        var id = await service.AddAsync(TaskBodies.CupsAndChairs());
        using (var response = await service.SendAsync(HttpMethod.Post, "/tasks", TaskBodies.CupsAndChairs()))
            await response.IsProblemAsync(409, "too-many-tasks");
        using (var deleted = await service.SendAsync(HttpMethod.Delete, $"/tasks/{id}"))
            Assert.True(deleted.IsSuccessStatusCode);

        await service.AddAsync(TaskBodies.CupsAndChairs());
    }
}
