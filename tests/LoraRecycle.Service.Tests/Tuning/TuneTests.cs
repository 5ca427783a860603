using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using LoraRecycle.Core.Method.Tuning.Methods;
using LoraRecycle.Service.Tests.Jobs;

namespace LoraRecycle.Service.Tests.Tuning;

/// <summary>From labelled images to a LoRA of the market.</summary>
public sealed class TuneTests : IAsyncLifetime
{
    private readonly string _data = Directory.CreateTempSubdirectory("lora-recycle-tune-").FullName;
    private JobService? _service;

    private JobService Service => _service!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _service = await JobService.StartAsync(_data);

    public async ValueTask DisposeAsync()
    {
        await Service.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }

    [Fact]
    public async Task Labelled_images_become_a_lora_of_the_market_which_is_tested_on_those_held_out()
    {
        var job = await Service.StartTuneAsync(TuneService.Request(new { steps = 4, rank = 2, targets = new[] { "v" }, seed = 7 }));
        var events = await Service.FollowAtAsync($"/tune/{job}");
        var described = await Service.GetAsync($"/tune/{job}");

        Assert.Contains("\"stage\":\"tuning\"", events, StringComparison.Ordinal);
        Assert.Contains("\"kind\":\"tune\",\"iteration\":4,\"iterations\":4,\"loss\":", events, StringComparison.Ordinal);
        Assert.Contains("event: tuned", events, StringComparison.Ordinal);
        var ended = described.GetProperty("job");
        Assert.Equal(("succeeded", "ended", "mine"), (Text(ended, "state"), Text(ended, "stage"), Text(ended, "name")));
        Assert.Contains($"is in the market.\",\"lora\":\"{Text(ended, "lora")}\"", events, StringComparison.Ordinal);
        var evaluation = described.GetProperty("evaluation");
        Assert.Equal((8, 2), (evaluation.GetProperty("trainImages").GetInt32(), evaluation.GetProperty("heldOutImages").GetInt32()));
        Assert.InRange(evaluation.GetProperty("trainAccuracy").GetDouble(), 0, 1);
        Assert.InRange(evaluation.GetProperty("heldOutAccuracy").GetDouble(), 0, 1);
        Assert.Equal("v", described.GetProperty("settings").GetProperty("tuning").GetProperty("targets")[0].GetString());
        Assert.NotEmpty(described.GetProperty("losses").EnumerateArray());

        var lora = (await Service.GetAsync($"/loras/{Text(ended, "lora")}")).GetProperty("lora");
        Assert.Equal(("mine", "uploaded", 2), (Text(lora, "name"), Text(lora, "origin"), lora.GetProperty("rank").GetInt32()));
        Assert.Equal(["cup", "chair"], lora.GetProperty("classes").EnumerateArray().Select(one => one.GetString()));
        await TuneService.EmptiedAsync(_data, job);
    }

    [Fact]
    public async Task Both_forms_and_a_stored_task_give_the_same_lora()
    {
        var json = await Service.LoraAsync(TuneService.Request(new { steps = 3, objective = "prototypes" }, name: "one"));
        using var form = TuneService.Form("""{"steps": 3, "objective": "prototypes"}""");
        using var stored = await Service.Client.PostAsJsonAsync("/tasks", new { support = TuneService.Support }, Cancellation);
        var task = (await stored.AnswerAsync()).GetProperty("task").GetProperty("id").GetString()!;
        var same = await Service.StartTuneAsync(new { task, options = new { steps = 3, objective = "prototypes" } });

        Assert.Equal(json, await Service.LoraAsync(form));
        var ended = await Service.EndedAsync(same);
        Assert.Equal(json, Text(ended.GetProperty("job"), "lora"));
        Assert.Equal("one", Text(ended.GetProperty("job"), "name"));
        Assert.Equal(task, Text(ended.GetProperty("settings"), "task"));
        using (var other = await Service.TuneAsync(new { task }))
            Assert.StartsWith("tuned-", Text(await other.AnswerAsync(), "name"), StringComparison.Ordinal);
        // The first one's name stays, as with an upload of what is there.
        Assert.Equal("one", Text((await Service.GetAsync($"/loras/{json}")).GetProperty("lora"), "name"));
    }

    [Fact]
    public async Task Jobs_that_tune_and_jobs_that_recycle_are_lists_of_their_own()
    {
        var first = await Service.StartTuneAsync(TuneService.Request());
        _ = await Service.EndedAsync(first);
        var second = await Service.StartTuneAsync(TuneService.Request());
        _ = await Service.EndedAsync(second);
        var recycling = await Service.StartJobAsync((await Service.LorasAsync(1))[0], iterations: 1);

        var page = await Service.GetAsync("/tune?limit=1");
        Assert.Equal(second, Text(page.GetProperty("jobs")[0], "id"));
        Assert.NotNull(Text(page.GetProperty("jobs")[0], "lora"));
        var next = await Service.GetAsync($"/tune?before={Text(page, "next")}");
        Assert.Equal([first], next.GetProperty("jobs").EnumerateArray().Select(job => Text(job, "id")));
        Assert.Equal([recycling], (await Service.GetAsync("/recycle")).GetProperty("jobs").EnumerateArray().Select(job => Text(job, "id")));
        foreach (var path in new[] { $"/recycle/{first}", $"/recycle/{first}/images", $"/tune/{recycling}", $"/tune/{recycling}/events" })
        {
            using var response = await Service.Client.GetAsync(new Uri(path, UriKind.Relative), Cancellation);
            await response.IsProblemAsync(404, "job-not-found");
        }
    }

    [Fact]
    public async Task A_job_that_is_removed_leaves_its_lora()
    {
        var job = await Service.StartTuneAsync(TuneService.Request());
        var lora = Text((await Service.EndedAsync(job)).GetProperty("job"), "lora");
        using (var removed = await Service.DeleteAsync($"/tune/{job}"))
            Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);

        using var gone = await Service.DeleteAsync($"/tune/{job}");
        await gone.IsProblemAsync(404, "job-not-found");
        _ = await Service.GetAsync($"/loras/{lora}");
    }

    [Fact]
    public async Task Every_method_is_listed_with_a_sentence_and_its_settings()
    {
        var methods = (await Service.GetAsync("/tune/methods")).GetProperty("methods").EnumerateArray().ToArray();

        Assert.Equal(
            TuningMethods.All.Select(method => (method.Name, method.Idea)), methods.Select(one => (Text(one, "name"), Text(one, "idea"))));
        var lofit = methods.Single(one => Text(one, "name") == "lofit").GetProperty("settings");
        Assert.Equal("heads", Text(lofit.GetProperty("form"), "kind"));
        Assert.Equal("out", lofit.GetProperty("targets")[0].GetString());
    }

    private static string Text(JsonElement element, string member) => element.GetProperty(member).GetString()!;
}
