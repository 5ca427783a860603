using System.Net;
using LoraRecycle.Service.Features.Recycling.Progress;
using LoraRecycle.Service.Tests.Jobs;

namespace LoraRecycle.Service.Tests.Tuning;

/// <summary>The ways in which a tuning ends other than well, or goes on.</summary>
public sealed class EndedTunesTests : IDisposable
{
    private const int Long = 100_000;

    private readonly string _data = Directory.CreateTempSubdirectory("lora-recycle-ended-tunes-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task A_run_that_diverges_ends_with_its_reason_and_loses_no_other()
    {
        await using var service = await JobService.StartAsync(_data);
        var wild = await service.StartTuneAsync(TuneService.Request(new { steps = 50, learningRate = 1e30 }));
        var tame = await service.StartTuneAsync(TuneService.Request());

        var ended = await service.EndedAsync(wild);
        Assert.Equal("failed", ended.GetProperty("job").GetProperty("state").GetString());
        Assert.Matches("after 1 of 5 attempts: The loss became .* at step .* of 50; lower the learning rate",
            ended.GetProperty("job").GetProperty("error").GetString());
        Assert.Equal("succeeded", (await service.EndedAsync(tame)).GetProperty("job").GetProperty("state").GetString());
        await TuneService.EmptiedAsync(_data, wild);
    }

    [Fact]
    public async Task A_running_job_is_cancelled_and_keeps_nothing()
    {
        await using var service = await JobService.StartAsync(_data);
        var job = await service.StartTuneAsync(TuneService.Request(new { steps = Long }));
        await service.FollowAtAsync($"/tune/{job}", until: "event: progress");
        Assert.True(Directory.Exists(Path.Combine(_data, "jobs", job, "examples")));
        using (var cancelled = await service.DeleteAsync($"/tune/{job}"))
            Assert.Equal(HttpStatusCode.Accepted, cancelled.StatusCode);

        Assert.Contains("\"state\":\"cancelled\",\"final\":true", await service.FollowAtAsync($"/tune/{job}"), StringComparison.Ordinal);
        Assert.Empty((await service.GetAsync("/loras")).GetProperty("loras").EnumerateArray());
        await TuneService.EmptiedAsync(_data, job);
    }

    [Fact]
    public async Task A_job_that_a_stop_interrupted_goes_on_from_its_checkpoint_to_the_same_lora()
    {
        var request = TuneService.Request(new { steps = 400, seed = 3 });
        string job, whole;
        await using (var service = await JobService.StartAsync(_data))
        {
            whole = await service.LoraAsync(request);
            using (var deleted = await service.DeleteAsync($"/loras/{whole}"))
                Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
            job = await service.StartTuneAsync(request);
            await service.FollowAtAsync($"/tune/{job}", until: "event: progress");
        }
        await using var again = await JobService.StartAsync(_data);
        var events = await again.FollowAtAsync($"/tune/{job}");

        Assert.Contains("given back: its worker is stopping", events, StringComparison.Ordinal);
        var ended = (await again.GetAsync($"/tune/{job}")).GetProperty("job");
        Assert.Equal(whole, ended.GetProperty("lora").GetString());
    }

    [Fact]
    public async Task Images_of_a_request_that_was_killed_before_there_was_a_job_are_swept()
    {
        await using var service = await JobService.StartAsync(_data);
        var kept = await service.StartTuneAsync(TuneService.Request(new { steps = Long }));
        var (orphan, new_) = (Folder("orphan", age: 20), Folder("new", age: 1));
        Directory.SetLastWriteTimeUtc(Path.Combine(_data, "jobs", kept), DateTime.UtcNow.AddMinutes(-20));

        await service.Get<JobSweep>().RunAsync(TestContext.Current.CancellationToken);

        Assert.Equal((false, true, true), (
            Directory.Exists(orphan), Directory.Exists(new_), Directory.Exists(Path.Combine(_data, "jobs", kept))));
        (await service.DeleteAsync($"/tune/{kept}")).Dispose();

        string Folder(string name, int age)
        {
            var folder = Directory.CreateDirectory(Path.Combine(_data, "jobs", name));
            folder.LastWriteTimeUtc = DateTime.UtcNow.AddMinutes(-age);
            return folder.FullName;
        }
    }
}
