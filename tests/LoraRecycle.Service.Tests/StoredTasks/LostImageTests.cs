using System.Diagnostics;
using System.Net;
using LoraRecycle.Service.Tests.State;
using LoraRecycle.Tests;

namespace LoraRecycle.Service.Tests.StoredTasks;

/// <summary>A data directory that somebody cleaned up, or a backup without the images.</summary>
public sealed class LostImageTests(PostgresServer postgres) : IDisposable
{
    private readonly MetaLoraFolder _folder = new MetaLoraFolder().Add("one", seed: 1);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_image_that_is_lost_is_named_with_what_to_do_and_can_be_replaced(bool isGone)
    {
        using var database = await TestDatabase.CreateAsync("sqlite", postgres);
        await using var service = await TaskService.StartAsync(database, _folder, "none");
        var id = await service.AddAsync(TaskBodies.CupsAndChairs());
        var cups = (await service.GetAsync($"/tasks/{id}")).GetProperty("classes")[0].GetProperty("images");
        var (number, sha256) = (cups[1].GetProperty("id").GetInt64(), cups[1].GetProperty("sha256").GetString()!);
        var path = Path.Combine(database.Folder, "blobs", sha256[..2], sha256);
        if (isGone)
            Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        else
            await File.WriteAllTextAsync(path, "something else", TestContext.Current.CancellationToken);

        using (var lost = await service.SendAsync(HttpMethod.Get, $"/tasks/{id}/images/{number}"))
            await IsLostAsync(lost);
        // Its embedding is still there, until the task needs another one.
        await service.ClassifyAsync(id);
        await service.ActivateAsync("one");
        var started = Stopwatch.GetTimestamp();
        using (var asked = await AskAsync(service, id))
            if (!asked.IsSuccessStatusCode) // the old embeddings answer while the new ones are tried for
                await IsLostAsync(asked);
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(5));

        using (var dropped = await service.SendAsync(HttpMethod.Patch, $"/tasks/{id}", new { dropImages = new[] { number } }))
            Assert.Equal(HttpStatusCode.OK, dropped.StatusCode);
        await service.ClassifyAsync(id);

        async Task IsLostAsync(HttpResponseMessage response)
        {
            var detail = (await response.IsProblemAsync(500, "task-image-lost")).GetProperty("detail").GetString()!;
            Assert.Contains($"image {number}", detail, StringComparison.Ordinal);
            Assert.Contains(sha256, detail, StringComparison.Ordinal);
            Assert.Contains("dropImages", detail, StringComparison.Ordinal);
        }
    }

    private static Task<HttpResponseMessage> AskAsync(TaskService service, string id) =>
        service.SendAsync(HttpMethod.Post, $"/tasks/{id}/classify", new { queries = TaskBodies.Queries });
}
