using LoraRecycle.Tests;

namespace LoraRecycle.EndToEnd.Jobs;

/// <summary>Tuning on the real program, killed and not.</summary>
public sealed class TuneJobTests : IDisposable
{
    private const int Steps = 150;

    private readonly string _data = Directory.CreateTempSubdirectory("lora-recycle-tunes-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task The_only_process_killed_in_the_middle_goes_on_from_its_checkpoint_to_the_same_bytes()
    {
        string job, whole;
        byte[][] files;
        await using (var server = await StartAsync())
        {
            using var client = new JobClient(server.Address);
            whole = await EndedAsync(client, await client.StartAsync(Request(), "/tune"));
            files = Files(whole);
            await client.DeleteAsync($"/loras/{whole}");
            job = await client.StartAsync(Request(), "/tune");
            await client.FollowAsync(job, path: "/tune", until: one => one.Type == "progress" && one.Iteration > 1);
            await server.KillAsync();
        }
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(_data, "jobs", job, "examples")));
        await using var again = await StartAsync();
        using var next = new JobClient(again.Address);
        var after = await next.FollowAsync(job, path: "/tune");

        Assert.Equal(whole, await EndedAsync(next, job));
        Assert.Equal(files, Files(whole));
        var restart = after.Last(one => one.Type == "unit" && one.Is("unit", "state", "running"));
        Assert.Equal(2, restart.Data.GetProperty("attempt").GetInt32());
        // Not from the beginning: the step before the first that a start reports is in its checkpoint.
        Assert.InRange(after.First(one => one.Type == "progress" && one.Number > restart.Number).Iteration, 3, Steps);
        for (var waited = 0; Directory.Exists(Path.Combine(_data, "jobs", job)); waited++)
        {
            Assert.True(waited < 200, "The job's files stay.");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    private Task<ServedProcess> StartAsync() => JobServer.StartAsync(_data, "--Jobs:TuningCheckpoint=00:00:00");

    private static object Request() => new
    {
        support = new[] { "cup", "chair" }.Select(label => new
        {
            label,
            images = Directory.GetFiles(Repository.PathOf("samples", label), "*.jpg").Order(StringComparer.Ordinal)
                .Take(5).Select(path => Convert.ToBase64String(File.ReadAllBytes(path))),
        }),
        name = "mine",
        method = "lora-ggpo",
        options = new { steps = Steps, seed = 5, objective = "prototypes" },
    };

    private static async Task<string> EndedAsync(JobClient client, string job)
    {
        await client.FollowAsync(job, path: "/tune");
        var ended = await client.GetAsync($"/tune/{job}");
        return ended.GetProperty("job").GetProperty("lora").GetString() ?? throw new InvalidOperationException(ended.ToString());
    }

    /// <summary>The adapter and the head.</summary>
    private byte[][] Files(string lora) =>
        [.. new[] { "adapter_model.safetensors", "adapter_config.json", "head.safetensors", "classes.json" }
            .Select(name => File.ReadAllBytes(Path.Combine(_data, "loras", lora, name)))];
}
