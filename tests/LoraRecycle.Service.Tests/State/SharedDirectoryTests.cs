using System.Net;
using System.Net.Http.Json;
using LoraRecycle.Service.Tests.Jobs;
using LoraRecycle.Service.Tests.StoredTasks;

namespace LoraRecycle.Service.Tests.State;

/// <summary>Two processes, as it were, on one data directory with SQLite.</summary>
public sealed class SharedDirectoryTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("lora-recycle-shared-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task What_one_stores_and_activates_the_other_has()
    {
        await using var one = await JobService.StartAsync(_data);
        await using var other = await JobService.StartAsync(_data);
        using var stored = await one.Client.PostAsJsonAsync("/tasks", TaskBodies.CupsAndChairs(), Cancellation);
        var id = (await stored.AnswerAsync()).GetProperty("task").GetProperty("id").GetString();

        using var asked = await other.Client.PostAsJsonAsync($"/tasks/{id}/classify", new { queries = TaskBodies.Queries }, Cancellation);
        Assert.Equal(2, (await asked.AnswerAsync()).Labels().Length);
        // Both write at once, and neither is refused.
        var many = await Task.WhenAll(Enumerable.Range(0, 20).Select(place =>
            (place % 2 == 0 ? one : other).Client.PostAsJsonAsync("/tasks", TaskBodies.CupsAndChairs(), Cancellation)));
        Assert.All(many, response => Assert.Equal(HttpStatusCode.Created, response.StatusCode));
        Assert.Equal(21, (await one.GetAsync("/tasks")).GetProperty("tasks").GetArrayLength());
    }
}
