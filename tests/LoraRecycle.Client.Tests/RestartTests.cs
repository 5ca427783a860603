using System.Text.Json;
using LoraRecycle.Client.Contracts;
using LoraRecycle.EndToEnd;

namespace LoraRecycle.Client.Tests;

/// <summary>What becomes of those who follow a job when the server is killed, and is there again at the same address.</summary>
public sealed class RestartTests
{
    private const int CheckpointEvery = 50;
    private const int Iterations = 1500;

    /// <summary>How long a server may take to start beside other tests, which is longer than clients wait by themselves.</summary>
    private static readonly TimeSpan Away = TimeSpan.FromMinutes(5);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Followers_in_both_languages_go_on_to_the_end_and_nothing_that_a_checkpoint_kept_is_done_again()
    {
        using var installation = await TinyInstallation.MakeAsync();
        using var folder = new TemporaryDirectory();
        string[] settings = [.. installation.SettingsWithJobs, "--Jobs:WorkerTimeout=00:00:10"];
        await using var first = await ServedProcess.StartAsync(settings);
        using var client = new LoraRecycleClient(new ClientOptions { Url = new Uri(first.Address), RetryFor = Away });
        var lora = await client.Loras.ListAsync(new LoraFilter { Origin = "shipped" }, cancellationToken: Cancellation)
            .FirstAsync(Cancellation);
        var job = await client.Recycle.StartAsync(Request(lora.Id), Cancellation);

        var saw = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var following = FollowAsync(client, job.Id, saw);
        var mark = Path.Combine(folder.Path, "saw");
        var pythonFollowing = Python.All.Count == 0 ? null : FollowInPythonAsync(first.Address, job.Id, mark);
        await saw.Task.WaitAsync(TimeSpan.FromMinutes(2), Cancellation);
        while (pythonFollowing is { IsCompleted: false } && !File.Exists(mark))
            await Task.Delay(20, Cancellation);
        await first.KillAsync();
        await using var again = await ServedProcess.StartAsync([.. settings, $"--url={first.Address}"]);

        Check([.. (await following).Select(Told.Of)]);
        if (pythonFollowing is null)
            Python.Require();
        else
            Check(await pythonFollowing);
    }

    /// <summary>Each event once, in order, to the end; and the second start goes on from the last checkpoint of the first.</summary>
    private static void Check(IReadOnlyList<Told> events)
    {
        Assert.Equal(Enumerable.Range(1, events.Count), events.Select(one => (int)one.Number));
        Assert.Equal(("StateEvent", "succeeded", true), (events[^1].Type, events[^1].State, events[^1].Final));
        var start = Assert.Single(events, one => one is { Type: "UnitEvent", Kind: "invert", State: "running", Attempt: 2 });
        var inversion = events.Where(one => one is { Type: "ProgressEvent", Kind: "invert" }).ToLookup(one => one.Number > start.Number);
        var (before, after) = (
            inversion[false].Select(one => one.Iteration!.Value).ToArray(), inversion[true].Select(one => one.Iteration!.Value).ToArray()
        );
        Assert.Equal(before.Order(), before);
        Assert.Equal(after.Order(), after);
        Assert.InRange(after[0], before[^1] / CheckpointEvery * CheckpointEvery, Iterations);
        Assert.Equal(1, after[0] % CheckpointEvery); // the first after a checkpoint
        Assert.Equal(Iterations, after[^1]);
    }

    private static async Task<IReadOnlyList<JobEvent>> FollowAsync(LoraRecycleClient client, string job, TaskCompletionSource saw)
    {
        var events = new List<JobEvent>();
        try
        {
            await foreach (var one in client.Recycle.FollowAsync(job, cancellationToken: Cancellation))
            {
                events.Add(one);
                if (one is ProgressEvent { Iteration: > CheckpointEvery })
                    saw.TrySetResult();
            }
        }
        catch (Exception exception)
        {
            saw.TrySetException(exception);
            throw;
        }
        saw.TrySetException(new InvalidOperationException($"The job ended before the server was killed: {events[^1]}"));
        return events;
    }

    private static async Task<IReadOnlyList<Told>> FollowInPythonAsync(string address, string job, string mark)
    {
        var output = await Python.RunAsync(
            [],
            [
                "-c",
                $$"""
                import dataclasses, json, lora_recycle
                for one in lora_recycle.Client("{{address}}", retry_for={{Away.TotalSeconds}}).recycle.follow("{{job}}"):
                    print(json.dumps({"type": type(one).__name__, **dataclasses.asdict(one)}))
                    if isinstance(one, lora_recycle.answers.ProgressEvent) and one.iteration > {{CheckpointEvery}}:
                        open("{{mark}}", "w").close()
                """,
            ]
        );
        return [.. output.TrimEnd().Split('\n').Select(line => JsonSerializer.Deserialize<Told>(line, JsonSerializerOptions.Web)!)];
    }

    private static RecycleRequest Request(string lora) => new()
    {
        Loras = [lora],
        Name = "restarted",
        Inversion = new()
        {
            ["iterations"] = Iterations,
            ["imagesPerClass"] = 2,
            ["reportEvery"] = 1,
            ["checkpointEvery"] = CheckpointEvery,
        },
        Distillation = new() { ["iterations"] = 4, ["episodesPerStep"] = 1, ["queries"] = 1, ["rank"] = 2, ["reportEvery"] = 1 },
    };

    /// <summary>Of an event, in whichever language it was told, what is looked at here.</summary>
    private sealed record Told(
        long Number,
        string Type,
        string? Kind = null,
        string? State = null,
        bool? Final = null,
        int? Attempt = null,
        long? Iteration = null
    )
    {
        public static Told Of(JobEvent one) => one switch
        {
            StateEvent state => new(one.Number, nameof(StateEvent), State: state.State, Final: state.Final),
            UnitEvent unit => new(one.Number, nameof(UnitEvent), unit.Kind, unit.State, Attempt: unit.Attempt, Iteration: unit.Iteration),
            ProgressEvent progress => new(one.Number, nameof(ProgressEvent), progress.Kind, Iteration: progress.Iteration),
            _ => new(one.Number, one.GetType().Name),
        };
    }
}
