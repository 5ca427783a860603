using LoraRecycle.EndToEnd;

namespace LoraRecycle.Client.Tests;

/// <summary>Stored tasks by the client, on the server as it is shipped.</summary>
public sealed class TaskTests(ServedProcess server) : IDisposable
{
    private readonly LoraRecycleClient _client = new(server.Address);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task A_task_is_stored_asked_corrected_and_deleted()
    {
        var stored = await _client.Tasks.CreateAsync(Photograph.CupAndChair, name: "kitchen", reject: 0.1, cancellationToken: Cancellation);
        var id = stored.Task.Id;
        var cup = stored.Classes.Single(one => one.Label == "cup").Images.Single();
        Assert.Equal(
            await File.ReadAllBytesAsync(Photograph.Cup, Cancellation), await _client.Tasks.GetImageAsync(id, cup.Id, Cancellation)
        );

        var changed = await _client.Tasks.ChangeAsync(
            id,
            new TaskChange
            {
                Support = new() { ["mug"] = [Photograph.Cup], ["airplane"] = [Photograph.Airplane] },
                DropImages = [cup.Id],
                DropClasses = ["chair"],
                Name = "",
                Reject = 0,
            },
            ifMatch: stored.ETag,
            Cancellation
        );

        Assert.Equal((null, null), (changed.Task.Name, changed.Task.Reject));
        Assert.Equal(["mug", "airplane"], changed.Classes.Select(one => one.Label));
        var asked = await _client.Tasks.ClassifyAsync(id, [Photograph.AnotherCup], Cancellation);
        Assert.Equal("mug", asked.Predictions.Single().Label);
        Assert.Equal(changed.ETag, (await _client.Tasks.GetAsync(id, Cancellation)).ETag);

        await _client.Tasks.DeleteAsync(id, changed.ETag, Cancellation);
        var gone = await Assert.ThrowsAsync<ProblemException>(() => _client.Tasks.GetAsync(id, Cancellation));
        Assert.Equal((404, "task-not-found"), (gone.Status, gone.Code));
    }

    [Fact]
    public async Task A_change_of_a_version_that_is_old_is_refused()
    {
        var stored = await _client.Tasks.CreateAsync(Photograph.CupAndChair, cancellationToken: Cancellation);
        await _client.Tasks.ChangeAsync(stored.Task.Id, new TaskChange { Name = "theirs" }, stored.ETag, Cancellation);

        var problem = await Assert.ThrowsAsync<ProblemException>(() =>
            _client.Tasks.ChangeAsync(stored.Task.Id, new TaskChange { Name = "mine" }, stored.ETag, Cancellation)
        );

        Assert.Equal((412, "task-changed"), (problem.Status, problem.Code));
        Assert.Equal("theirs", (await _client.Tasks.GetAsync(stored.Task.Id, Cancellation)).Task.Name);
    }

    [Fact]
    public async Task A_list_goes_over_its_pages_to_the_end()
    {
        var ids = new List<string>();
        for (var task = 0; task < 3; task++)
            ids.Add((await _client.Tasks.CreateAsync(Photograph.CupAndChair, cancellationToken: Cancellation)).Task.Id);

        var listed = await _client.Tasks.ListAsync(limit: 1, Cancellation).Select(task => task.Id).ToListAsync(Cancellation);

        Assert.Equal(ids, listed.Where(ids.Contains));
        Assert.Equal(listed.Count, listed.Distinct().Count());
    }
}
