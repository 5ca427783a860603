
namespace LoraRecycle.EndToEnd.Jobs;

/// <summary>Jobs on the real program with SQLite, as it is without any settings.</summary>
public sealed class RecycleJobTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("lora-recycle-jobs-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task A_job_is_followed_over_a_broken_connection_to_a_meta_lora_that_is_listed_and_active()
    {
        await using var server = await JobServer.StartAsync(_data);
        using var client = new JobClient(server.Address);
        var loras = await client.LorasAsync(3);
        var request = JobServer.Request(loras, "mine");
        request["activate"] = "always";
        request["validation"] = new { dataSet = "caltech101-72", episodes = 2, queries = 1 };
        var job = await client.StartAsync(request);

        var events = await client.FollowAsync(job, until: one => one.Is("unit", "state", "done"));
        events.AddRange(await client.FollowAsync(job, events[^1].Number));
        Assert.Equal(Enumerable.Range(1, events.Count).Select(number => (long)number), events.Select(one => one.Number));
        Assert.True(events[^1].Data.GetProperty("final").GetBoolean());
        Assert.True(events[^1].Is("state", "state", "succeeded"), events[^1].Data.ToString());
        Assert.Equal(
            ["inverting", "distilling", "evaluating", "publishing"],
            events.Where(one => one.Type == "stage").Select(one => one.Data.GetProperty("stage").GetString())
        );
        Assert.Empty(await client.FollowAsync(job, events[^1].Number));

        var described = await client.GetAsync($"/recycle/{job}");
        Assert.Equal(
            ["invert", "invert", "invert", "distill", "evaluate"],
            described.GetProperty("units").EnumerateArray().Select(unit => unit.GetProperty("kind").GetString())
        );
        Assert.NotEmpty(described.GetProperty("losses").EnumerateArray());
        Assert.NotEmpty(described.GetProperty("log").EnumerateArray());
        Assert.InRange(described.GetProperty("evaluation").GetProperty("accuracy").GetDouble(), 0, 1);
        Assert.True(described.GetProperty("activation").GetProperty("activated").GetBoolean());
        Assert.Equal(5, described.GetProperty("settings").GetProperty("inversion").GetProperty("seed").GetInt32());

        Assert.Equal("mine", (await client.GetAsync("/meta-loras/active")).GetProperty("id").GetString());
        var listed = await client.GetAsync("/meta-loras/mine");
        Assert.Equal("ready", listed.GetProperty("status").GetString());
        Assert.Equal(2, listed.GetProperty("rank").GetInt32());
        Assert.True(File.Exists(Path.Combine(_data, "meta-loras", "mine", "run.json")));
    }

    [Fact]
    public async Task Images_and_masks_appear_by_lora_and_class()
    {
        await using var server = await JobServer.StartAsync(_data);
        using var client = new JobClient(server.Address);
        var loras = await client.LorasAsync(2);
        var job = await client.StartAsync(JobServer.Request(loras, "pictures"));
        await client.FollowAsync(job);

        var images = (await client.GetAsync($"/recycle/{job}/images?limit=1000")).GetProperty("images").EnumerateArray().ToArray();
        var perLora = images.Length / 2;
        Assert.Equal(Enumerable.Range(0, images.Length), images.Select(image => image.GetProperty("number").GetInt32()));
        Assert.All(
            images,
            image => Assert.Equal(loras[image.GetProperty("number").GetInt32() / perLora], image.GetProperty("lora").GetString())
        );
        Assert.Equal([0, 0, 1, 1], images.Take(4).Select(image => image.GetProperty("label").GetInt32()));
        var page = await client.GetAsync($"/recycle/{job}/images?from=3&limit=2");
        Assert.Equal(5, page.GetProperty("next").GetInt32());
        byte[] png = [0x89, (byte)'P', (byte)'N', (byte)'G'];
        Assert.Equal(png, (await client.BytesAsync(images[^1].GetProperty("image").GetString()!))[..4]);
        Assert.Equal(png, (await client.BytesAsync($"{images[^1].GetProperty("mask").GetString()}?masked=0.75"))[..4]);
    }

    [Fact]
    public async Task The_only_process_killed_in_the_middle_goes_on_from_its_checkpoint()
    {
        string job;
        long last, saved;
        await using (var server = await JobServer.StartAsync(_data))
        {
            using var client = new JobClient(server.Address);
            job = await client.StartAsync(JobServer.Request(await client.LorasAsync(1), "interrupted", JobServer.Long));
            var before = await client.FollowAsync(job, until: one => one.Type == "progress" && one.Iteration > 1);
            await server.KillAsync();
            (last, saved) = (before[^1].Number, before[^1].Iteration);
        }
        await using var again = await JobServer.StartAsync(_data);
        using var next = new JobClient(again.Address);
        var after = await next.FollowAsync(job, last);

        Assert.True(after[^1].Is("state", "state", "succeeded"), after[^1].Data.ToString());
        var restart = Assert.Single(after, one => one.Type == "unit" && one.Unit == 0 && one.Is("unit", "state", "running"));
        Assert.Equal(2, restart.Data.GetProperty("attempt").GetInt32());
        // The first report of a start is always there: it says what the start began from.
        var resumed = after.First(one => one.Type == "progress" && one.Number > restart.Number);
        Assert.InRange(resumed.Iteration, saved, JobServer.Long);
    }

    [Fact]
    public async Task A_polite_stop_gives_units_back_and_the_attempt_does_not_count()
    {
        string job;
        List<JobEvent> before;
        await using (var server = await JobServer.StartAsync(_data))
        {
            using var client = new JobClient(server.Address);
            job = await client.StartAsync(JobServer.Request(await client.LorasAsync(1), "paused", JobServer.Long));
            before = await client.FollowAsync(job, until: one => one.Type == "progress");
            Assert.Equal(0, await server.TerminateAsync());
        }
        await using var again = await JobServer.StartAsync(_data);
        using var next = new JobClient(again.Address);
        var after = await next.FollowAsync(job, before[^1].Number);

        Assert.True(after[^1].Is("state", "state", "succeeded"), after[^1].Data.ToString());
        Assert.Single(
            after,
            one =>
                one.Type == "unit"
                && one.Unit == 0
                && one.Data.GetProperty("message").GetString()!.Contains("given back", StringComparison.Ordinal)
        );
        var units = (await next.GetAsync($"/recycle/{job}")).GetProperty("units").EnumerateArray();
        Assert.All(units, unit => Assert.Equal(1, unit.GetProperty("attempts").GetInt32()));
    }
}
