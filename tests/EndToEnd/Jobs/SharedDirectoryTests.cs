namespace LoraRecycle.EndToEnd.Jobs;

/// <summary>Two processes of one machine on one data directory with SQLite.</summary>
public sealed class SharedDirectoryTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("lora-recycle-shared-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task One_works_on_the_jobs_of_both_and_the_other_goes_on_with_them_when_it_is_killed()
    {
        await using var one = await JobServer.StartAsync(_data, "--Jobs:WorkerTimeout=00:00:04");
        using var first = new JobClient(one.Address);
        var loras = await first.LorasAsync(2);
        var begun = await first.StartAsync(JobServer.Request(loras, "first", JobServer.Long));
        await first.FollowAsync(begun, until: one => one.Type == "progress");

        // Another one that starts takes nothing away from the first, and leaves it its own jobs.
        await using var other = await JobServer.StartAsync(_data, "--Jobs:WorkerTimeout=00:00:04");
        using var second = new JobClient(other.Address);
        var asked = await second.StartAsync(JobServer.Request(loras, "second"));
        await second.FollowAsync(asked);
        await second.FollowAsync(begun);
        Assert.All(await AttemptsAsync(second, begun), attempts => Assert.Equal(1, attempts));
        Assert.All(await AttemptsAsync(second, asked), attempts => Assert.Equal(1, attempts));
        Assert.DoesNotContain("Working on recycling jobs", other.Output, StringComparison.Ordinal);

        var left = await second.StartAsync(JobServer.Request(loras, "third", JobServer.Long));
        await second.FollowAsync(left, until: one => one.Type == "progress");
        await one.KillAsync();
        var events = await second.FollowAsync(left);
        Assert.True(events[^1].Is("state", "state", "succeeded"));
        Assert.Contains("Working on recycling jobs", other.Output, StringComparison.Ordinal);
    }

    private static async Task<int[]> AttemptsAsync(JobClient client, string job)
    {
        var answer = await client.GetAsync($"/recycle/{job}");
        Assert.Equal("succeeded", answer.GetProperty("job").GetProperty("state").GetString());
        return [.. answer.GetProperty("units").EnumerateArray().Select(unit => unit.GetProperty("attempts").GetInt32())];
    }
}
