using System.Text.Json;
using LoraRecycle.Service.Tests.State;
using LoraRecycle.Tests;

namespace LoraRecycle.Service.Tests.StoredTasks;

/// <summary>What becomes of a task when the meta-LoRA that it follows is another one.</summary>
public sealed class RenewedTaskTests(PostgresServer postgres) : IDisposable
{
    private readonly MetaLoraFolder _folder = new MetaLoraFolder().Add("one", seed: 1).Add("two", seed: 2);

    public void Dispose() => _folder.Dispose();

    /// <summary>Asks until the wanted meta-LoRA answers; all answers on the way.</summary>
    private static async Task<List<JsonElement>> UntilAsync(TaskService service, string id, string metaLora)
    {
        var answers = new List<JsonElement>();
        // A renewal that fails waits for seconds before it tries again.
        var asked = System.Diagnostics.Stopwatch.StartNew();
        do
            answers.Add(await service.ClassifyAsync(id));
        while (answers[^1].AnsweredBy() != metaLora && asked.Elapsed < TimeSpan.FromSeconds(60));
        Assert.Equal(metaLora, answers[^1].AnsweredBy());
        return answers;
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgresql")]
    public async Task A_task_that_follows_the_active_one_answers_from_the_old_embeddings_until_the_new_are_there(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, postgres);
        await using var service = await TaskService.StartAsync(database, _folder, "one");
        var (follows, pinned) = (
            await service.AddAsync(TaskBodies.CupsAndChairs()),
            await service.AddAsync(TaskBodies.CupsAndChairs("one"))
        );
        var (one, two) = (
            (await service.Client.ClassifyAsync(TaskBodies.Episode("one"))).Predictions(),
            (await service.Client.ClassifyAsync(TaskBodies.Episode("two"))).Predictions()
        );
        Assert.Equal(one, (await service.ClassifyAsync(follows)).Predictions());
        var tag = (await service.SendAsync(HttpMethod.Get, $"/tasks/{follows}")).Headers.ETag;
        await service.ActivateAsync("two");
        Assert.False((await service.GetAsync($"/tasks/{follows}")).GetProperty("embedded").GetProperty("current").GetBoolean());

        // Whoever answers, all of it is that one's.
        foreach (var answer in await UntilAsync(service, follows, "two"))
            Assert.Equal(answer.AnsweredBy() == "two" ? two : one, answer.Predictions());
        Assert.Equal(one, (await service.ClassifyAsync(pinned)).Predictions());
        using var response = await service.SendAsync(HttpMethod.Get, $"/tasks/{follows}");
        var embedded = (await response.AnswerAsync()).GetProperty("embedded");
        Assert.Equal(("two", true), (embedded.GetProperty("metaLora").GetString(), embedded.GetProperty("current").GetBoolean()));
        Assert.Equal(tag, response.Headers.ETag); // nobody changed the task
    }

    [Fact]
    public async Task It_is_renewed_after_a_restart_and_at_once_where_the_old_meta_lora_is_gone()
    {
        using var database = await TestDatabase.CreateAsync("sqlite", postgres);
        string id, two;
        await using (var service = await TaskService.StartAsync(database, _folder, "one"))
        {
            id = await service.AddAsync(TaskBodies.CupsAndChairs());
            two = (await service.Client.ClassifyAsync(TaskBodies.Episode("two"))).Predictions();
        }
        await using (var service = await TaskService.StartAsync(database, _folder, "two"))
            Assert.Equal(two, (await UntilAsync(service, id, "two"))[^1].Predictions());
        Directory.Delete(_folder["two"], recursive: true);
        await using (var service = await TaskService.StartAsync(database, _folder, "one"))
            Assert.Equal("one", (await service.ClassifyAsync(id)).AnsweredBy());
    }

    [Fact]
    public async Task A_renewal_that_fails_loses_nothing_and_is_tried_again()
    {
        using var database = await TestDatabase.CreateAsync("sqlite", postgres);
        await using var service = await TaskService.StartAsync(database, _folder, "one");
        var id = await service.AddAsync(TaskBodies.CupsAndChairs());
        var one = (await service.ClassifyAsync(id)).Predictions();
        var blob = StoredTaskTests.Blobs(database)[0];
        File.Move(blob, blob + ".away");
        await service.ActivateAsync("two");
        for (var query = 0; query < 10; query++)
            Assert.Equal(one, (await service.ClassifyAsync(id)).Predictions());
        File.Move(blob + ".away", blob);

        Assert.Equal("two", (await UntilAsync(service, id, "two"))[^1].AnsweredBy());
    }

    [Fact]
    public async Task A_change_in_the_middle_of_a_renewal_is_kept_and_renewed_too()
    {
        using var database = await TestDatabase.CreateAsync("sqlite", postgres);
        await using var service = await TaskService.StartAsync(database, _folder, "one");
        var id = await service.AddAsync(TaskBodies.CupsAndChairs());
        for (var swap = 0; swap < 4; swap++)
        {
            await service.ActivateAsync(swap % 2 == 0 ? "two" : "one");
            await Task.WhenAll(
                service.ClassifyAsync(id),
                service.ChangeAsync(
                    id,
                    new { support = new[] { EpisodeRequests.Class($"new {swap}", Photographs.Base64("airplanes", swap)) } }
                )
            );
        }
        var support = (
            (object[])
                [
                    EpisodeRequests.Class("cup", Photographs.Base64("cup", 0), Photographs.Base64("cup", 1)),
                    EpisodeRequests.Class("chair", Photographs.Base64("chair", 0)),
                ]
        ).Concat(Enumerable.Range(0, 4).Select(swap => EpisodeRequests.Class($"new {swap}", Photographs.Base64("airplanes", swap))));
        var expected = await service.Client.ClassifyAsync(new { support, queries = TaskBodies.Queries });

        Assert.Equal(expected.Predictions(), (await UntilAsync(service, id, "one"))[^1].Predictions());
    }

    [Fact]
    public async Task A_task_whose_meta_lora_is_gone_says_so_where_it_cannot_answer()
    {
        using var database = await TestDatabase.CreateAsync("sqlite", postgres);
        string id;
        await using (var service = await TaskService.StartAsync(database, _folder, "none"))
            id = await service.AddAsync(TaskBodies.CupsAndChairs("one"));
        Directory.Delete(_folder["one"], recursive: true);
        await using var restarted = await TaskService.StartAsync(database, _folder, "none");
        using var response = await restarted.SendAsync(HttpMethod.Post, $"/tasks/{id}/classify", new { queries = TaskBodies.Queries });
        await response.IsProblemAsync(422, "unknown-meta-lora", "metaLora");

        _folder.Add("one", seed: 1);
        Assert.Equal("one", (await restarted.ClassifyAsync(id)).AnsweredBy());
    }
}
