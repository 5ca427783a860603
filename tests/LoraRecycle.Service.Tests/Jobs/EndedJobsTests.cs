using System.Net;
using System.Text.Json;
using LoraRecycle.Service.Tests.Loras;

namespace LoraRecycle.Service.Tests.Jobs;

/// <summary>The ways in which a job ends other than well, and what it holds until then.</summary>
public sealed class EndedJobsTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("lora-recycle-ended-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task A_running_job_is_cancelled_and_its_loras_can_be_deleted_only_then()
    {
        await using var service = await JobService.StartAsync(_data);
        var lora = await service.UploadAsync(Sample());
        var job = await service.StartJobAsync(lora, iterations: 1_000_000);
        await service.FollowAsync(job, until: "event: progress");
        using (var held = await service.DeleteAsync($"/loras/{lora}"))
            await held.IsProblemAsync(409, "lora-in-use");
        using (var cancelled = await service.DeleteAsync($"/recycle/{job}"))
            Assert.Equal(HttpStatusCode.Accepted, cancelled.StatusCode);

        Assert.Contains("\"state\":\"cancelled\",\"final\":true", await service.FollowAsync(job), StringComparison.Ordinal);
        using (var released = await service.DeleteAsync($"/loras/{lora}"))
            Assert.Equal(HttpStatusCode.NoContent, released.StatusCode);
        using (var removed = await service.DeleteAsync($"/recycle/{job}"))
            Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        Assert.Empty((await service.GetAsync("/recycle")).GetProperty("jobs").EnumerateArray());
        Assert.False(Directory.Exists(Path.Combine(_data, "jobs", job)));
    }

    [Fact]
    public async Task A_unit_that_fails_is_tried_a_bounded_number_of_times_and_then_the_job_fails_with_the_reason()
    {
        // Where units keep their files there is something else, which no attempt gets past.
        await File.WriteAllTextAsync(Path.Combine(_data, "jobs"), "", TestContext.Current.CancellationToken);
        await using var service = await JobService.StartAsync(_data, "--Jobs:MaxAttempts", "3");
        var job = await service.StartJobAsync((await service.LorasAsync(1))[0], iterations: 1);
        var events = await service.FollowAsync(job);

        Assert.Contains("\"state\":\"failed\",\"final\":true", events, StringComparison.Ordinal);
        var described = await service.GetAsync($"/recycle/{job}");
        Assert.Equal("failed", described.GetProperty("job").GetProperty("state").GetString());
        Assert.Contains("after 3 of 3 attempts", described.GetProperty("job").GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal([3, 0], described.GetProperty("units").EnumerateArray().Select(unit => unit.GetProperty("attempts").GetInt32()));
        Assert.DoesNotContain(_data, described.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Loras_that_diverge_are_set_aside_with_the_reason_unless_too_few_are_left()
    {
        await using var service = await JobService.StartAsync(_data);
        var (good, bad) = ((await service.LorasAsync(1))[0], await service.UploadAsync(Sample(size: 1e15)));
        foreach (var (least, state) in new[] { (1, "succeeded"), (2, "failed") })
        {
            using var response = await service.PostAsync($$"""
                { "loras": ["{{good}}", "{{bad}}"], "minimumLoras": {{least}}, "inversion": { "iterations": 2, "imagesPerClass": 2, "reportEvery": 1 },
                  "distillation": { "iterations": 1, "queries": 1, "rank": 1, "interpolationWays": 2 } }
                """);
            var job = (await response.AnswerAsync()).GetProperty("id").GetString()!;
            await service.FollowAsync(job);
            var described = await service.GetAsync($"/recycle/{job}");

            Assert.Equal(state, described.GetProperty("job").GetProperty("state").GetString());
            Assert.Contains(
                "not finite at iteration 0",
                described.GetProperty("loras")[1].GetProperty("setAside").GetString(),
                StringComparison.Ordinal
            );
            Assert.Equal(JsonValueKind.Null, described.GetProperty("loras")[0].GetProperty("setAside").ValueKind);
            if (least == 2)
                Assert.Contains(
                    "1 of 2 LoRAs could be inverted; at least 2 are needed",
                    described.GetProperty("job").GetProperty("error").GetString(),
                    StringComparison.Ordinal
                );
        }
    }

    [Fact]
    public async Task Two_jobs_never_make_meta_loras_of_one_name_at_once()
    {
        await using var service = await JobService.StartAsync(_data);
        var lora = (await service.LorasAsync(1))[0];
        var first = await service.StartJobAsync(lora, iterations: 1_000_000, ", \"name\": \"one\"");
        using (var second = await service.PostAsync($"{{ \"loras\": [\"{lora}\"], \"name\": \"one\" }}"))
            await second.IsProblemAsync(409, "meta-lora-name-taken", "name");
        (await service.DeleteAsync($"/recycle/{first}")).Dispose();
        await service.FollowAsync(first);

        var third = await service.StartJobAsync(lora, iterations: 1_000_000, ", \"name\": \"one\"");
        (await service.DeleteAsync($"/recycle/{third}")).Dispose();
    }

    private static Dictionary<string, byte[]> Sample(double size = 0.1) => LoraSamples.Peft(seed: 61, ["a", "b"], size: size);
}
