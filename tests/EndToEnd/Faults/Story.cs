using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using LoraRecycle.Tests;

namespace LoraRecycle.EndToEnd.Faults;

/// <summary>
/// What somebody does with the service from morning to evening, step by step, over and over. A new feature is a new step, and
/// a check of its own in <see cref="CheckAsync"/>.
/// </summary>
internal sealed class Story
{
    private readonly TinyInstallation _place;
    private readonly Expected _loras = new();
    private readonly Expected _tasks = new();
    private readonly HashSet<string> _jobs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string Label, double Probability)[]> _answers = new(StringComparer.Ordinal);
    private readonly List<(string Name, Func<HttpClient, Task> Do)> _steps;
    private readonly IReadOnlyList<(string Route, int After, string Name, Func<HttpClient, Task> Do)> _stepsOfRoutes;
    private HashSet<string>? _routes;
    private int _next;

    public Story(TinyInstallation place)
    {
        _place = place;
        _steps =
        [
            ("upload the first LoRA", http => UploadAsync(http, place.Uploads[0])),
            ("upload the second LoRA", http => UploadAsync(http, place.Uploads[1])),
            ("look into the first LoRA", http => LookAsync(http, place.Uploads[0])),
            ("classify", http => ClassifyAsync(http, "default")),
            ("activate the second meta-LoRA", http => ActivateAsync(http, "second")),
            ("classify with it", http => ClassifyAsync(http, "second")),
            ("upload the third LoRA", http => UploadAsync(http, place.Uploads[2])),
            ("delete the first LoRA", http => DeleteAsync(http, place.Uploads[0])),
            ("activate the first meta-LoRA", http => ActivateAsync(http, "first")),
            ("upload the fourth LoRA", http => UploadAsync(http, place.Uploads[3])),
            ("delete the third LoRA", http => DeleteAsync(http, place.Uploads[2])),
            ("upload the third LoRA again", http => UploadAsync(http, place.Uploads[2])),
            ("classify without a meta-LoRA", http => ClassifyAsync(http, "none")),
            ("delete the second LoRA", http => DeleteAsync(http, place.Uploads[1])),
        ];
        _stepsOfRoutes =
        [
            ("/tasks", 3, "store a task", StoreTaskAsync),
            ("/tasks", 6, "classify by a task", AskTaskAsync),
            ("/tasks", 8, "change a task", ChangeTaskAsync),
            ("/recycle", 3, "recycle the shipped LoRAs", RecycleAsync),
            ("/recycle", 7, "wait for the recycling", http => WaitForJobsAsync(http, steps: 20)),
        ];
    }

    /// <summary>How many steps were done to their end.</summary>
    public int Done { get; private set; }

    /// <summary>The step under way, or the last one.</summary>
    public string Now { get; private set; } = "start";

    /// <summary>Fails unless every job that was accepted ends well, and its meta-LoRA is there and answers.</summary>
    public async Task EndAsync(HttpClient http)
    {
        await WaitForJobsAsync(http, steps: int.MaxValue);
        foreach (var id in _jobs)
        {
            var job = (await GetAsync(http, $"/recycle/{id}"))["job"]!;
            Assert.True((string)job["state"]! == "succeeded", job.ToJsonString());
            await ClassifyAsync(http, (string)job["metaLora"]!);
        }
    }

    /// <summary>Goes on with the story until the server is gone.</summary>
    public async Task GoOnAsync(HttpClient http)
    {
        try
        {
            while (true)
            {
                (Now, var step) = _steps[_next++ % _steps.Count];
                await step(http);
                Done++;
            }
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            // It was killed; what the step has begun is undecided.
        }
    }

    /// <summary>Fails unless a server that was just started has what it must, no more, and all of it whole.</summary>
    public async Task CheckAsync(HttpClient http)
    {
        if (_routes is null)
        {
            _routes = [.. (await GetAsync(http, "/swagger/v1/swagger.json"))["paths"]!.AsObject().Select(path => path.Key)];
            foreach (
                var (_, after, name, step) in _stepsOfRoutes
                    .Where(step => _routes.Contains(step.Route))
                    .OrderByDescending(step => step.After)
            )
                _steps.Insert(after, (name, step));
        }
        MarketOnDisk.AssertWhole(_place.Data);
        Assert.Empty(MarketOnDisk.Leftovers(_place.Data));
        var listed = (await GetAsync(http, "/loras"))["loras"]!
            .AsArray()
            .Where(lora => (string)lora!["origin"]! == "uploaded")
            .Select(lora => (string)lora!["id"]!)
            .ToArray();
        Assert.Equal(MarketOnDisk.Ids(_place.Data), listed.Order(StringComparer.Ordinal));
        _loras.Settle(listed);
        foreach (var id in listed)
            Assert.NotEmpty((await GetAsync(http, $"/loras/{id}"))["spectrum"]!["layers"]!.AsArray());

        if (_routes.Contains("/tasks"))
        {
            _tasks.Settle([.. (await GetAsync(http, "/tasks?limit=1000"))["tasks"]!.AsArray().Select(task => (string)task!["id"]!)]);
            foreach (var id in _tasks.There)
                Assert.NotEmpty((await GetAsync(http, $"/tasks/{id}"))["classes"]!.AsArray());
            await AskTaskAsync(http);
        }
        if (_routes.Contains("/recycle"))
            Assert.Subset(
                (await GetAsync(http, "/recycle?limit=200"))["jobs"]!.AsArray().Select(job => (string)job!["id"]!).ToHashSet(),
                _jobs
            );

        Assert.All(
            (await GetAsync(http, "/meta-loras"))["metaLoras"]!.AsArray(),
            metaLora => Assert.Equal("ready", (string)metaLora!["status"]!)
        );
        Assert.Contains((string)(await GetAsync(http, "/meta-loras/active"))["id"]!, TinyInstallation.MetaLoras);
        foreach (var metaLora in TinyInstallation.MetaLoras.Append("none"))
            await ClassifyAsync(http, metaLora);
    }

    private async Task StoreTaskAsync(HttpClient http)
    {
        using var form = new MultipartFormDataContent { { new StringContent("none"), "metaLora" } };
        foreach (var label in new[] { "cup", "chair" })
            form.Add(new ByteArrayContent(await File.ReadAllBytesAsync(Photograph(label, 0))), $"support[{label}]", "photograph.jpg");
        // Its id is the server's choice: until it is known, any new one may be it.
        _tasks.BeginUnknown();
        using var answer = await http.PostAsync("/tasks", form);
        await BodyAsync(answer, HttpStatusCode.Created);
        _tasks.Added(answer.Headers.Location!.OriginalString.Split('/')[^1]);
        _tasks.EndUnknown();
    }

    private async Task ChangeTaskAsync(HttpClient http)
    {
        if (_tasks.There.FirstOrDefault() is not { } id)
            return;
        using var form = new MultipartFormDataContent
        {
            { new ByteArrayContent(await File.ReadAllBytesAsync(Photograph("chair", 1))), "support[chair]", "photograph.jpg" },
        };
        using var answer = await http.PatchAsync($"/tasks/{id}", form);
        await BodyAsync(answer, HttpStatusCode.OK);
    }

    /// <summary>Whatever was changed since, each task still knows the cup that it was shown.</summary>
    private async Task AskTaskAsync(HttpClient http)
    {
        foreach (var id in _tasks.There)
        {
            using var form = new MultipartFormDataContent
            {
                { new ByteArrayContent(await File.ReadAllBytesAsync(Photograph("cup", 0))), "query", "photograph.jpg" },
            };
            using var answer = await http.PostAsync($"/tasks/{id}/classify", form);
            Assert.Equal("cup", (string)(await BodyAsync(answer, HttpStatusCode.OK))!["predictions"]![0]!["label"]!);
        }
    }

    private async Task RecycleAsync(HttpClient http)
    {
        var shipped = (await GetAsync(http, "/loras"))["loras"]!
            .AsArray()
            .Where(lora => (string)lora!["origin"]! == "shipped")
            .Select(lora => (string)lora!["id"]!);
        using var content = new StringContent(
            Fuzz.Seeds.Recycling(shipped, $"made-{Guid.NewGuid():N}"),
            System.Text.Encoding.UTF8,
            "application/json"
        );
        using var answer = await http.PostAsync("/recycle", content);
        await BodyAsync(answer, HttpStatusCode.Accepted);
        _jobs.Add(answer.Headers.Location!.OriginalString.Split('/')[^1]);
    }

    private async Task WaitForJobsAsync(HttpClient http, int steps)
    {
        for (var step = 0; step < steps; step++)
        {
            var running = false;
            foreach (var id in _jobs)
                running |= (string)(await GetAsync(http, $"/recycle/{id}"))["job"]!["state"]! is "queued" or "running";
            if (!running)
                return;
            await Task.Delay(50);
        }
    }

    private static string Photograph(string label, int number) =>
        Directory.GetFiles(Repository.PathOf("samples", label), "*.jpg").Order(StringComparer.Ordinal).ElementAt(number);

    private async Task UploadAsync(HttpClient http, string folder)
    {
        using var form = new MultipartFormDataContent();
        foreach (var path in Directory.GetFiles(folder))
            form.Add(new ByteArrayContent(await File.ReadAllBytesAsync(path)), Path.GetFileName(path), Path.GetFileName(path));
        var id = MarketOnDisk.IdOf(folder);
        _loras.Begin(id);
        using var answer = await http.PostAsync("/loras", form);
        var body = await BodyAsync(answer, HttpStatusCode.Created, HttpStatusCode.OK);
        Assert.Equal(id, (string)body!["id"]!);
        _loras.Added(id);
    }

    private async Task DeleteAsync(HttpClient http, string folder)
    {
        var id = MarketOnDisk.IdOf(folder);
        _loras.Begin(id);
        using var answer = await http.DeleteAsync($"/loras/{id}");
        await BodyAsync(answer, HttpStatusCode.NoContent, HttpStatusCode.NotFound); // not there, where the story was killed before
        _loras.Removed(id);
    }

    private async Task LookAsync(HttpClient http, string folder)
    {
        var id = MarketOnDisk.IdOf(folder);
        using var answer = await http.GetAsync($"/loras/{id}");
        await BodyAsync(answer, _loras.There.Contains(id) ? [HttpStatusCode.OK] : [HttpStatusCode.OK, HttpStatusCode.NotFound]);
    }

    private static async Task ActivateAsync(HttpClient http, string id)
    {
        using var answer = await http.PutAsJsonAsync("/meta-loras/active", new { id });
        Assert.Equal(id, (string)(await BodyAsync(answer, HttpStatusCode.OK))!["id"]!);
    }

    /// <summary>The same question has the same answer as ever.</summary>
    private async Task ClassifyAsync(HttpClient http, string metaLora)
    {
        using var form = new MultipartFormDataContent { { new StringContent(metaLora), "metaLora" } };
        foreach (var label in new[] { "cup", "chair" })
            foreach (
                var (name, file) in new[] { $"support[{label}]", "query" }.Zip(
                    Directory.GetFiles(Repository.PathOf("samples", label), "*.jpg").Order(StringComparer.Ordinal)
                )
            )
                form.Add(new ByteArrayContent(await File.ReadAllBytesAsync(file)), name, "photograph.jpg");
        using var answer = await http.PostAsync("/classify", form);
        var body = (await BodyAsync(answer, HttpStatusCode.OK))!;
        var model = (string)body["model"]!["metaLora"]!;
        var predictions = body["predictions"]!
            .AsArray()
            .Select(prediction => ((string)prediction!["label"]!, (double)prediction["probability"]!))
            .ToArray();
        if (metaLora != "default")
            Assert.Equal(metaLora, model);
        if (_answers.TryAdd(model, predictions))
            return;
        foreach (var ((label, probability), (nowLabel, now)) in _answers[model].Zip(predictions))
        {
            Assert.Equal(label, nowLabel);
            Assert.Equal(probability, now, 1e-5); // of a model this small the last digits depend on the batch
        }
    }

    private static async Task<JsonNode> GetAsync(HttpClient http, string path)
    {
        using var answer = await http.GetAsync(path);
        return (await BodyAsync(answer, HttpStatusCode.OK))!;
    }

    private static async Task<JsonNode?> BodyAsync(HttpResponseMessage answer, params HttpStatusCode[] expected)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(
            expected.Contains(answer.StatusCode),
            $"{answer.RequestMessage!.Method} {answer.RequestMessage.RequestUri!.AbsolutePath} is answered {(int)answer.StatusCode}: {text}"
        );
        return text.Length > 0 ? JsonNode.Parse(text) : null;
    }
}
