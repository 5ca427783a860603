using System.Net;
using System.Text;
using System.Text.Json;
using LoraRecycle.Service.Tests.Loras;
using LoraRecycle.Tests;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace LoraRecycle.Service.Tests.Jobs;

/// <summary>The service with a data directory of its own, and settings that make jobs small.</summary>
internal sealed class JobService : IAsyncDisposable
{
    private readonly WebApplication _app;

    private JobService(WebApplication app)
    {
        _app = app;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()), Timeout = TimeSpan.FromMinutes(3) };
    }

    public HttpClient Client { get; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<JobService> StartAsync(string data, params string[] settings) =>
        new(
            await RunningService.StartAsync([
                "--Serving:Device",
                "cpu",
                "--Storage:Directory",
                data,
                "--Jobs:Devices:0",
                "cpu",
                "--Jobs:Threads",
                "1",
                "--Jobs:Prior",
                "none",
                "--Jobs:DeviceShare",
                "1",
                "--Jobs:RetryDelay",
                "00:00:00.01",
                "--Jobs:DataSets",
                Repository.PathOf("data"),
                .. settings,
            ])
        );

    public T Get<T>() where T : notnull => _app.Services.GetRequiredService<T>();

    /// <summary>Uploads LoRAs of two classes, and tells their ids.</summary>
    public async Task<string[]> LorasAsync(int count)
    {
        var ids = new string[count];
        for (var i = 0; i < count; i++)
            ids[i] = await UploadAsync(LoraSamples.Peft(seed: 31 + i, ["cup", "chair"]));
        return ids;
    }

    public async Task<string> UploadAsync(IEnumerable<KeyValuePair<string, byte[]>> files)
    {
        using var form = new MultipartFormDataContent();
        foreach (var (part, content) in files)
            form.Add(new ByteArrayContent(content), part, part);
        using var response = await Client.PostAsync(new Uri("/loras", UriKind.Relative), form, Cancellation);
        return (await response.AnswerAsync()).GetProperty("id").GetString()!;
    }

    public async Task<HttpResponseMessage> PostAsync(string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        return await Client.PostAsync(new Uri("/recycle", UriKind.Relative), content, Cancellation);
    }

    /// <summary>Starts a job of a LoRA that has as many iterations, and tells its id.</summary>
    public async Task<string> StartJobAsync(string lora, int iterations, string more = "")
    {
        using var response = await PostAsync($$"""
            { "loras": ["{{lora}}"], "inversion": { "iterations": {{iterations}}, "imagesPerClass": 2, "reportEvery": 1 },
              "distillation": { "iterations": 1, "queries": 1, "rank": 1, "interpolationWays": 2 } {{more}} }
            """);
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.True(response.StatusCode == HttpStatusCode.Accepted, text);
        return JsonDocument.Parse(text).RootElement.GetProperty("id").GetString()!;
    }

    public async Task<JsonElement> GetAsync(string path)
    {
        using var response = await Client.GetAsync(new Uri(path, UriKind.Relative), Cancellation);
        return await response.AnswerAsync();
    }

    public Task<HttpResponseMessage> DeleteAsync(string path) => Client.DeleteAsync(new Uri(path, UriKind.Relative), Cancellation);

    /// <summary>Reads the events of a job until a line has what is wanted, or to their end.</summary>
    public Task<string> FollowAsync(string job, string? until = null) => FollowAtAsync($"/recycle/{job}", until);

    /// <summary>Reads the events of a job at a path.</summary>
    public async Task<string> FollowAtAsync(string path, string? until = null)
    {
        await using var stream = await Client.GetStreamAsync(new Uri($"{path}/events", UriKind.Relative), Cancellation);
        using var reader = new StreamReader(stream);
        var text = new StringBuilder();
        while (await reader.ReadLineAsync(Cancellation) is { } line)
        {
            text.AppendLine(line);
            if (until is not null && line.Contains(until, StringComparison.Ordinal))
                break;
        }
        return text.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
