using System.Text.Json.Nodes;
using LoraRecycle.Client.Contracts;
using LoraRecycle.Tests;

namespace LoraRecycle.Client.Tests;

/// <summary>A LoRA of images, and of a stored task, by the client.</summary>
public sealed class TuningTests(TinyServer server) : IDisposable
{
    private static readonly JsonObject Short = new() { ["steps"] = 3, ["objective"] = "prototypes" };

    private readonly LoraRecycleClient _client = server.Client();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task A_lora_is_tuned_followed_and_found_in_the_market()
    {
        var job = await _client.Tune.StartAsync(Support(), "kitchen", "comp-lora", heldOut: 0, Short, Cancellation);
        var events = await _client.Tune.FollowAsync(job.Id, cancellationToken: Cancellation).ToListAsync(Cancellation);

        var last = Assert.IsType<StateEvent>(events[^1]);
        Assert.Equal(("succeeded", true, null), (last.State, last.Final, last.MetaLora));
        Assert.Equal(["tuning", "publishing"], events.OfType<StageEvent>().Select(one => one.Stage));
        Assert.Equal(4, Assert.Single(events.OfType<TunedEvent>()).Tuning.TrainImages);
        var ended = await _client.Tune.WaitAsync(job.Id, Cancellation);
        Assert.Equal(last.Lora, ended.Job.Lora);
        Assert.Equal("comp-lora", (string?)ended.Settings.Tuning["method"]);
        Assert.Equal("kitchen", (await _client.Loras.GetAsync(ended.Job.Lora!, Cancellation)).Lora.Name);
        Assert.Contains(job.Id, await _client.Tune.ListAsync(limit: 1, Cancellation).Select(one => one.Id).ToListAsync(Cancellation));
        Assert.Null(await _client.Tune.DeleteAsync(job.Id, Cancellation));
    }

    [Fact]
    public async Task A_stored_task_gives_the_lora_of_its_images()
    {
        var task = await _client.Tasks.CreateAsync(Support(), cancellationToken: Cancellation);
        var sent = await _client.Tune.StartAsync(Support(), options: Short, cancellationToken: Cancellation);
        var stored = await _client.Tune.StartFromTaskAsync(task.Task.Id, options: Short, cancellationToken: Cancellation);

        var expected = (await _client.Tune.WaitAsync(sent.Id, Cancellation)).Job.Lora;
        Assert.NotNull(expected);
        Assert.Equal(expected, (await _client.Tune.WaitAsync(stored.Id, Cancellation)).Job.Lora);
    }

    [Fact]
    public async Task A_method_that_does_not_exist_is_refused_with_those_that_do()
    {
        var methods = await _client.Tune.ListMethodsAsync(Cancellation);
        var problem = await Assert.ThrowsAsync<ProblemException>(
            () => _client.Tune.StartAsync(Support(), method: "none", cancellationToken: Cancellation));

        Assert.Equal(("unknown-method", "method"), (problem.Code, problem.Field));
        Assert.All(methods.Methods, method => Assert.Contains(method.Name, problem.Message, StringComparison.Ordinal));
    }

    private static SupportSet Support() => new() { ["cup"] = Two("cup"), ["chair"] = Two("chair") };

    private static FileSource[] Two(string label) =>
        [.. Directory.GetFiles(Repository.PathOf("samples", label), "*.jpg").Order(StringComparer.Ordinal).Take(2)
            .Select(path => (FileSource)path)];
}
