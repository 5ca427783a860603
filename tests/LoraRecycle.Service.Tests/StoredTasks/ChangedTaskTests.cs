using System.Net;
using LoraRecycle.Service.Tests.State;
using LoraRecycle.Tests;

namespace LoraRecycle.Service.Tests.StoredTasks;

/// <summary>PATCH: the result is that of storing the task afresh, whoever else is at work.</summary>
public sealed class ChangedTaskTests(PostgresServer postgres)
{
    private static readonly string[] Labels = ["cup", "chair", "airplanes", "dalmatian"];

    [Theory]
    [InlineData("sqlite", 1)]
    [InlineData("sqlite", 2)]
    [InlineData("postgresql", 3)]
    public async Task However_a_task_is_changed_it_answers_as_one_that_is_stored_afresh(string provider, int seed)
    {
        using var database = await TestDatabase.CreateAsync(provider, postgres);
        await using var service = await TaskService.StartAsync(database);
        var random = new Random(seed);
        var support = Labels.Take(2).Select(label => EpisodeRequests.Class(label, Photographs.Base64(label, 0)));
        var task = await service.GetAsync($"/tasks/{await service.AddAsync(new { support, reject = 0.1 })}");
        var id = task.GetProperty("task").GetProperty("id").GetString()!;
        // What should be in it: photographs by image id, in the order of their classes and then of their coming.
        var expected = Labels.Take(2).Select(label => (Id: task.Images()[label].Single(), Label: label, Photograph: 0)).ToList();
        for (var change = 0; change < 8; change++)
        {
            var dropImages = expected.Where(_ => random.Next(4) == 0).Select(image => image.Id).ToArray();
            var dropClasses = expected.Select(image => image.Label).Distinct().Where(_ => random.Next(5) == 0).ToArray();
            var add = Labels.Where(_ => random.Next(2) == 0).Select(label => (Label: label, Photograph: random.Next(4))).ToArray();
            var left = expected.Where(image => !dropImages.Contains(image.Id) && !dropClasses.Contains(image.Label)).ToList();
            if (left.Select(image => image.Label).Concat(add.Select(image => image.Label)).Distinct().Count() < 2)
                continue;
            var changed = await service.ChangeAsync(
                id,
                new
                {
                    dropClasses,
                    dropImages,
                    support = add.Select(image => EpisodeRequests.Class(image.Label, Photographs.Base64(image.Label, image.Photograph))),
                }
            );
            var known = left.Select(image => image.Id).ToHashSet();
            var ids = changed
                .Images()
                .ToDictionary(one => one.Key, one => new Queue<long>(one.Value.Where(image => !known.Contains(image))));
            left.AddRange(add.Select(image => (ids[image.Label].Dequeue(), image.Label, image.Photograph)));
            expected = left;
            Assert.All(ids.Values, Assert.Empty);
            Assert.Equal(
                expected.Select(image => (image.Label, image.Photograph)).Distinct().Count(),
                StoredTaskTests.Blobs(database).Length
            );

            var fresh = await service.AddAsync(
                new
                {
                    support = expected
                        .OrderBy(image => image.Id)
                        .Select(image => EpisodeRequests.Class(image.Label, Photographs.Base64(image.Label, image.Photograph))),
                    reject = 0.1,
                }
            );
            var (answer, same) = (await service.ClassifyAsync(id), await service.ClassifyAsync(fresh));
            Assert.Equal(same.Predictions(), answer.Predictions());
            Assert.Equal(same.GetProperty("reject").GetRawText(), answer.GetProperty("reject").GetRawText());
            using var deleted = await service.SendAsync(HttpMethod.Delete, $"/tasks/{fresh}");
        }
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgresql")]
    public async Task Of_those_who_change_what_they_read_at_once_one_succeeds(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, postgres);
        await using var service = await TaskService.StartAsync(database);
        var id = await service.AddAsync(TaskBodies.CupsAndChairs());
        using var read = await service.SendAsync(HttpMethod.Get, $"/tasks/{id}");
        var tag = read.Headers.ETag!.ToString();
        var responses = await Task.WhenAll(
            Enumerable
                .Range(0, 4)
                .Select(i =>
                    service.SendAsync(
                        HttpMethod.Patch,
                        $"/tasks/{id}",
                        new { support = new[] { EpisodeRequests.Class($"new {i}", Photographs.Base64("airplanes", i)) } },
                        tag
                    )
                )
        );

        Assert.Equal(
            [HttpStatusCode.OK, HttpStatusCode.PreconditionFailed, HttpStatusCode.PreconditionFailed, HttpStatusCode.PreconditionFailed],
            responses.Select(response => response.StatusCode).Order()
        );
        await responses.First(response => !response.IsSuccessStatusCode).IsProblemAsync(412, "task-changed", "If-Match");
        Assert.Equal(3, (await service.GetAsync($"/tasks/{id}")).GetProperty("classes").GetArrayLength());
        using var stale = await service.SendAsync(HttpMethod.Delete, $"/tasks/{id}", ifMatch: tag);
        await stale.IsProblemAsync(412, "task-changed", "If-Match");
        using var any = await service.SendAsync(HttpMethod.Delete, $"/tasks/{id}", ifMatch: "*");
        Assert.Equal(HttpStatusCode.NoContent, any.StatusCode);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgresql")]
    public async Task Changes_at_once_that_name_no_version_are_all_made_and_every_answer_is_that_of_a_whole_task(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, postgres);
        await using var service = await TaskService.StartAsync(database);
        var id = await service.AddAsync(TaskBodies.CupsAndChairs());
        var changing = Task.WhenAll(
            Enumerable
                .Range(0, 4)
                .Select(i =>
                    service.ChangeAsync(
                        id,
                        new { support = new[] { EpisodeRequests.Class($"new {i}", Photographs.Base64("airplanes", i)) } }
                    )
                )
        );
        var ways = new List<int>();
        do
            ways.Add((await service.ClassifyAsync(id)).GetProperty("predictions")[0].GetProperty("scores").GetArrayLength());
        while (!changing.IsCompleted);
        await changing;

        Assert.Equal(ways.Order(), ways); // never one of before
        Assert.Equal(6, (await service.GetAsync($"/tasks/{id}")).GetProperty("classes").GetArrayLength());
    }

    [Fact]
    public async Task A_name_and_a_rejection_are_set_and_taken_back()
    {
        using var database = await TestDatabase.CreateAsync("sqlite", postgres);
        await using var service = await TaskService.StartAsync(database);
        var id = await service.AddAsync(TaskBodies.CupsAndChairs());
        var set = (await service.ChangeAsync(id, new { name = "things", reject = 0.2 })).GetProperty("task");
        Assert.Equal(("things", 0.2), (set.GetProperty("name").GetString(), set.GetProperty("reject").GetDouble()));
        Assert.True((await service.ClassifyAsync(id)).TryGetProperty("reject", out _));
        using var form = new MultipartFormDataContent
        {
            { new StringContent(""), "reject" },
            { new StringContent(""), "name" },
            { new StringContent("1"), "dropImages" },
        };
        var changed = await service.ChangeAsync(id, form);

        Assert.False((await service.ClassifyAsync(id)).TryGetProperty("reject", out _));
        Assert.Null(changed.GetProperty("task").GetProperty("name").GetString());
        Assert.Equal([2], changed.Images()["cup"]);
    }
}
