using System.Text.Json;
using LoraRecycle.Service.Tests.State;
using LoraRecycle.Tests;

namespace LoraRecycle.Service.Tests.StoredTasks;

public sealed class StoredTaskTests(PostgresServer postgres)
{
    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgresql")]
    public async Task A_task_answers_as_its_episode_does_and_embeds_the_queries_alone_also_after_a_restart(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, postgres);
        string id, expected;
        await using (var service = await TaskService.StartAsync(database, settings: ["--Cache:Bytes", "0"]))
        {
            id = await service.AddAsync(TaskBodies.CupsAndChairs());
            expected = (await service.Client.ClassifyAsync(TaskBodies.Episode())).Predictions();
            var answer = await service.ClassifyAsync(id);
            Assert.Equal(expected, answer.Predictions());
            Assert.Equal(2, answer.GetProperty("cache").GetProperty("misses").GetInt32());
            Assert.False(answer.TryGetProperty("reject", out _));
        }
        await using var restarted = await TaskService.StartAsync(database, settings: ["--Cache:Bytes", "0"]);
        var again = await restarted.ClassifyAsync(id);

        Assert.Equal(expected, again.Predictions());
        Assert.Equal(2, again.GetProperty("cache").GetProperty("misses").GetInt32());
    }

    [Fact]
    public async Task A_form_stores_the_same_task_as_json()
    {
        using var database = await TestDatabase.CreateAsync("sqlite", postgres);
        await using var service = await TaskService.StartAsync(database);
        var form = EpisodeRequests.Form(
            [
                ("support[cup]", Photographs.Of("cup", 0)),
                ("support[cup]", Photographs.Of("cup", 1)),
                ("support[chair]", Photographs.Of("chair", 0)),
            ],
            metaLora: "none"
        );
        form.Add(new StringContent("0.05"), "reject");
        form.Add(new StringContent("kitchen"), "name");
        var (fromForm, fromJson) = (await service.AddAsync(form), await service.AddAsync(TaskBodies.CupsAndChairs("none", reject: 0.05)));
        using var queries = EpisodeRequests.Form([("query", Photographs.Of("cup", 2)), ("query", Photographs.Of("chair", 3))]);
        using var response = await service.SendAsync(HttpMethod.Post, $"/tasks/{fromForm}/classify", queries);

        Assert.Equal((await service.ClassifyAsync(fromJson)).Predictions(), (await response.AnswerAsync()).Predictions());
        var (a, b) = (await service.GetAsync($"/tasks/{fromForm}"), await service.GetAsync($"/tasks/{fromJson}"));
        Assert.Equal(a.GetProperty("classes").GetRawText(), b.GetProperty("classes").GetRawText());
        Assert.Equal(
            ("kitchen", 0.05),
            (a.GetProperty("task").GetProperty("name").GetString(), a.GetProperty("task").GetProperty("reject").GetDouble())
        );
    }

    [Fact]
    public async Task The_images_of_a_task_come_back_as_they_were_sent_and_as_nothing_but_bytes()
    {
        using var database = await TestDatabase.CreateAsync("sqlite", postgres);
        await using var service = await TaskService.StartAsync(database);
        var id = await service.AddAsync(TaskBodies.CupsAndChairs());
        var image = (await service.GetAsync($"/tasks/{id}"))
            .GetProperty("classes")[0]
            .GetProperty("images")[0]
            .GetProperty("id")
            .GetInt64();
        using var found = await service.Client.GetAsync($"/tasks/{id}/images/{image}", TestContext.Current.CancellationToken);
        Assert.Equal("application/octet-stream", found.Content.Headers.ContentType?.MediaType);
        Assert.Equal(Photographs.Of("cup", 0), await found.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));

        using var none = await service.Client.GetAsync($"/tasks/{id}/images/999", TestContext.Current.CancellationToken);
        await none.IsProblemAsync(404, "not-found");
    }

    [Fact]
    public async Task Rejection_is_the_same_for_a_task_and_for_its_episode_and_names_no_class_for_what_is_none()
    {
        using var database = await TestDatabase.CreateAsync("sqlite", postgres);
        await using var service = await TaskService.StartAsync(database);
        var id = await service.AddAsync(TaskBodies.CupsAndChairs(reject: 0.5));
        var (stored, episode) = (await service.ClassifyAsync(id), await service.Client.ClassifyAsync(TaskBodies.Episode(reject: 0.5)));
        Assert.Equal(episode.Predictions(), stored.Predictions());
        Assert.Equal(episode.GetProperty("reject").GetRawText(), stored.GetProperty("reject").GetRawText());
        var threshold = stored.GetProperty("reject").GetProperty("threshold").GetDouble();
        foreach (var prediction in stored.GetProperty("predictions").EnumerateArray())
            Assert.Equal(
                prediction.GetProperty("novelty").GetDouble() > threshold,
                prediction.GetProperty("label").ValueKind == JsonValueKind.Null
            );

        // A support image is no novelty at all; of pictures that are neither cups nor chairs half the known ones' worst is.
        object Episode(params string[] queries) =>
            new
            {
                support = new[]
                {
                    EpisodeRequests.Class("cup", Photographs.Base64("cup", 0)),
                    EpisodeRequests.Class("chair", Photographs.Base64("chair", 0)),
                },
                queries,
                reject = 0.5,
            };
        var own = await service.Client.ClassifyAsync(Episode(Photographs.Base64("cup", 0)));
        var others = await service.Client.ClassifyAsync(
            Episode([
                .. Enumerable.Range(0, 4).Select(i => Photographs.Base64("airplanes", i)),
                .. Enumerable.Range(0, 4).Select(i => Photographs.Base64("dalmatian", i)),
            ])
        );
        Assert.Equal(["cup"], own.Labels());
        Assert.Contains(null, others.Labels());
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgresql")]
    public async Task Tasks_are_listed_a_page_at_a_time_until_they_are_deleted_with_their_images(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, postgres);
        await using var service = await TaskService.StartAsync(database);
        var ids = new List<string>();
        for (var i = 0; i < 5; i++)
            ids.Add(await service.AddAsync(TaskBodies.CupsAndChairs()));
        var listed = new List<string>();
        for (string? after = null; listed.Count == 0 || after is not null;)
        {
            var page = await service.GetAsync($"/tasks?limit=2{(after is null ? "" : $"&after={after}")}");
            listed.AddRange(page.GetProperty("tasks").EnumerateArray().Select(task => task.GetProperty("id").GetString()!));
            after = page.GetProperty("next").GetString();
        }
        Assert.Equal(ids, listed);
        // The five have the same three images.
        Assert.Equal(3, Blobs(database).Length);

        foreach (var id in ids)
        {
            using var deleted = await service.SendAsync(HttpMethod.Delete, $"/tasks/{id}");
            Assert.Equal(204, (int)deleted.StatusCode);
            Assert.Equal(id == ids[^1] ? 0 : 3, Blobs(database).Length);
            using var gone = await service.SendAsync(HttpMethod.Get, $"/tasks/{id}");
            await gone.IsProblemAsync(404, "task-not-found");
        }
        Assert.Equal(0, (await service.GetAsync("/tasks")).GetProperty("tasks").GetArrayLength());
    }

    [Fact]
    public async Task Without_a_database_tasks_are_refused_and_episodes_are_not()
    {
        using var database = await TestDatabase.CreateAsync("sqlite", postgres);
        Directory.CreateDirectory(Path.Combine(database.Folder, "state.db")); // a folder in the file's place
        await using var service = await TaskService.StartAsync(database);
        using var response = await service.SendAsync(HttpMethod.Post, "/tasks", TaskBodies.CupsAndChairs());
        await response.IsProblemAsync(503, "state-unavailable");

        Assert.Equal(2, (await service.Client.ClassifyAsync(TaskBodies.Episode())).Labels().Length);
        Assert.Empty(Blobs(database));
    }

    [Fact]
    public async Task The_number_of_tasks_is_among_the_metrics()
    {
        using var database = await TestDatabase.CreateAsync("sqlite", postgres);
        await using var service = await TaskService.StartAsync(database);
        await service.AddAsync(TaskBodies.CupsAndChairs());
        var page = "";
        for (
            var tries = 0;
            tries < 100 && !page.Contains("lora_recycle_tasks_stored 1", StringComparison.Ordinal);
            tries++, await Task.Delay(50, TestContext.Current.CancellationToken)
        )
            page = await service.Client.GetStringAsync("/metrics", TestContext.Current.CancellationToken);

        Assert.Contains("lora_recycle_tasks_stored 1", page, StringComparison.Ordinal);
    }

    internal static string[] Blobs(TestDatabase database) => Directory.Exists(Path.Combine(database.Folder, "blobs"))
        ? Directory.GetFiles(Path.Combine(database.Folder, "blobs"), "*", SearchOption.AllDirectories)
        : [];
}
