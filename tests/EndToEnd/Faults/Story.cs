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
    private readonly Dictionary<string, (string Label, double Probability)[]> _answers = new(StringComparer.Ordinal);
    private readonly IReadOnlyList<(string Name, Func<HttpClient, Task> Do)> _steps;
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
    }

    /// <summary>How many steps were done to their end.</summary>
    public int Done { get; private set; }

    /// <summary>The step under way, or the last one.</summary>
    public string Now { get; private set; } = "start";

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
        MarketOnDisk.AssertWhole(_place.Data);
        Assert.Empty(MarketOnDisk.Leftovers(_place.Data));
        var listed = (await GetAsync(http, "/loras"))["loras"]!.AsArray().Where(lora => (string)lora!["origin"]! == "uploaded").Select(lora => (string)lora!["id"]!).ToArray();
        Assert.Equal(MarketOnDisk.Ids(_place.Data), listed.Order(StringComparer.Ordinal));
        _loras.Settle(listed);
        foreach (var id in listed)
            Assert.NotEmpty((await GetAsync(http, $"/loras/{id}"))["spectrum"]!["layers"]!.AsArray());

        Assert.All((await GetAsync(http, "/meta-loras"))["metaLoras"]!.AsArray(), metaLora => Assert.Equal("ready", (string)metaLora!["status"]!));
        Assert.Contains((string)(await GetAsync(http, "/meta-loras/active"))["id"]!, TinyInstallation.MetaLoras);
        foreach (var metaLora in TinyInstallation.MetaLoras.Append("none"))
            await ClassifyAsync(http, metaLora);
    }

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
            foreach (var (name, file) in new[] { $"support[{label}]", "query" }.Zip(Directory.GetFiles(Repository.PathOf("samples", label), "*.jpg").Order(StringComparer.Ordinal)))
                form.Add(new ByteArrayContent(await File.ReadAllBytesAsync(file)), name, "photograph.jpg");
        using var answer = await http.PostAsync("/classify", form);
        var body = (await BodyAsync(answer, HttpStatusCode.OK))!;
        var model = (string)body["model"]!["metaLora"]!;
        var predictions = body["predictions"]!.AsArray().Select(prediction => ((string)prediction!["label"]!, (double)prediction["probability"]!)).ToArray();
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
        Assert.True(expected.Contains(answer.StatusCode), $"{answer.RequestMessage!.Method} {answer.RequestMessage.RequestUri!.AbsolutePath} is answered {(int)answer.StatusCode}: {text}");
        return text.Length > 0 ? JsonNode.Parse(text) : null;
    }
}
