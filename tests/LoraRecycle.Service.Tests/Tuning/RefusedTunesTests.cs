using LoraRecycle.Core.Method.Tuning.Methods;
using LoraRecycle.Service.Platform.Security;
using LoraRecycle.Service.Tests.Jobs;

namespace LoraRecycle.Service.Tests.Tuning;

/// <summary>What cannot be tuned is refused before it is accepted, with the field at fault and what there is to choose from.</summary>
public sealed class RefusedTunesTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("lora-recycle-refused-tunes-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task Every_wrong_request_is_a_problem_of_its_own_and_makes_nothing()
    {
        await using var service = await JobService.StartAsync(_data);
        var one = new[] { EpisodeRequests.Class("cup", Photographs.Base64("cup", 0)) };
        var damaged = new[] { one[0], EpisodeRequests.Class("chair", Convert.ToBase64String("no image at all"u8)) };
        var methods = string.Join(", ", TuningMethods.All.Select(method => method.Name));
        foreach (
            var (request, code, field, says) in new (object, string, string, string)[]
            {
                (new { }, "too-few-classes", "support", "2 classes"),
                (new { support = one }, "too-few-classes", "support", "2 classes"),
                (new { support = one, task = "x" }, "invalid-setting", "task", "found both"),
                (new { task = "x" }, "unknown-task", "task", "GET /tasks"),
                (new { support = one, queries = one }, "unknown-field", "queries", "support, name, task, method, heldOut and options"),
                (new { support = one, name = "\u0007" }, "invalid-name", "name", "printable"),
                (TuneService.Request(method: "lorra"), "unknown-method", "method", methods),
                (TuneService.Request(method: "flexora", heldOut: 0.4), "too-few-examples", "support", "at least 4 images"),
                (TuneService.Request(heldOut: 1), "invalid-setting", "heldOut", "less than 1"),
                (TuneService.Request(new { stepz = 3 }), "unknown-field", "options.stepz", "steps"),
                (TuneService.Request(new { method = "lora" }), "unknown-field", "options.method", "objective"),
                (TuneService.Request(new { steps = 0 }), "invalid-setting", "options.steps", "at least 1 step"),
                (TuneService.Request(new { steps = 2_000_000_000 }), "invalid-setting", "options.steps", "100000"),
                (TuneService.Request(new { steps = 1.5 }), "wrong-type", "options.steps", ""),
                (TuneService.Request(new { rank = 100_000 }), "invalid-setting", "options.rank", "a rank of at most"),
                (TuneService.Request(new { learningRate = -1 }), "invalid-setting", "options.learningRate", "positive"),
                (TuneService.Request(new { batchSize = 50, views = new { count = 16 } }), "invalid-setting", "options.batchSize", "512"),
                (TuneService.Request(new { targets = new[] { "z" } }), "invalid-setting", "options.targets", "q, k, v, out, fc1, fc2"),
                (TuneService.Request(new { objective = "guess" }), "wrong-type", "options.objective", "head, prototypes"),
                (TuneService.Request(new { form = new { kind = "loRRa" } }), "wrong-type", "options.form.kind", "lora, core, gate"),
                (TuneService.Request(new { form = (object?)null }), "wrong-type", "options.form", ""),
                (TuneService.Request(new { form = new { kind = "gate", start = "spectrum" } }), "invalid-setting", "options.form.start",
                    "among Uniform"),
                (TuneService.Request(new { form = new { keep = 2 } }), "invalid-setting", "options.form.keep", "0 to less than 1"),
                (TuneService.Request(new { update = new { gateThreshold = 0.1 } }), "invalid-setting", "options.update.gateThreshold",
                    "form Gate"),
                (TuneService.Request(new { choice = new { by = "layers" }, form = new { kind = "core" } }), "invalid-setting",
                    "options.choice.by", "form Lora"),
            })
        {
            using var response = await service.TuneAsync(request);
            var problem = await response.IsProblemAsync(422, code, field);
            Assert.Contains(says, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }
        using (var response = await service.TuneAsync(new { support = damaged }))
            await response.IsProblemAsync(415, "unsupported-image-format", "support[1].images[0]");
        Assert.Empty((await service.GetAsync("/tune")).GetProperty("jobs").EnumerateArray());
        Assert.False(Directory.Exists(Path.Combine(_data, "jobs")));
    }

    [Fact]
    public async Task Options_of_a_form_are_json_with_each_name_once()
    {
        await using var service = await JobService.StartAsync(_data);
        foreach (
            var (options, status, code) in new[]
            {
                ("steps=3", 400, "malformed-json"), ("""{"steps": 3, "steps": 4}""", 400, "malformed-json"), ("[3]", 422, "wrong-type"),
            })
        {
            using var form = TuneService.Form(options);
            using var response = await service.Client.PostAsync(
                new Uri("/tune", UriKind.Relative), form, TestContext.Current.CancellationToken);
            await response.IsProblemAsync(status, code, "options");
        }
    }

    [Fact]
    public async Task A_key_for_the_market_alone_cannot_take_the_images_of_a_stored_task()
    {
        var store = new ApiKeyStore(_data, TimeProvider.System);
        var (market, classify) = (store.Create("market", [ApiScopes.Market]).Token, store.Create("other", [ApiScopes.Classify]).Token);
        await using var service = await JobService.StartAsync(_data);
        service.Client.DefaultRequestHeaders.Add("X-Api-Key", market);
        using (var response = await service.TuneAsync(new { task = "x" }))
            await response.IsProblemAsync(403, "forbidden", "task");
        service.Client.DefaultRequestHeaders.Remove("X-Api-Key");
        service.Client.DefaultRequestHeaders.Add("X-Api-Key", classify);

        using var refused = await service.TuneAsync(TuneService.Request());
        await refused.IsProblemAsync(403, "forbidden");
    }
}
