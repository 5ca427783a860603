using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using LoraRecycle.Service.Tests.State;
using LoraRecycle.Tests;
using Microsoft.AspNetCore.Builder;

namespace LoraRecycle.Service.Tests.StoredTasks;

/// <summary>The service as users run it, with a database of its own and the meta-LoRAs of a test.</summary>
internal sealed class TaskService : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TaskService(WebApplication app)
    {
        _app = app;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()), Timeout = TimeSpan.FromSeconds(60) };
    }

    public HttpClient Client { get; }

    public IServiceProvider Services => _app.Services;

    public static async Task<TaskService> StartAsync(
        TestDatabase database,
        MetaLoraFolder? folder = null,
        string active = "none",
        params string[] settings
    )
    {
        string[] metaLoras = folder is null ? [] : ["--Models:MetaLoras", folder.Path];
        return new(
            await RunningService.StartAsync([
                "--Serving:Device",
                "cpu",
                .. metaLoras,
                "--Models:MetaLora",
                active,
                .. database.Settings,
                .. settings,
            ])
        );
    }

    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, object? body = null, string? ifMatch = null)
    {
        var request = new HttpRequestMessage(method, path)
        {
            Content = body as HttpContent ?? (body is null ? null : JsonContent.Create(body)),
        };
        if (ifMatch is not null)
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        return Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>Stores a task.</summary>
    /// <returns>Its id.</returns>
    public async Task<string> AddAsync(object body)
    {
        using var response = await SendAsync(HttpMethod.Post, "/tasks", body);
        var id = (await response.AnswerAsync()).GetProperty("task").GetProperty("id").GetString()!;
        Assert.Equal((HttpStatusCode.Created, $"/tasks/{id}"), (response.StatusCode, response.Headers.Location?.OriginalString));
        return id;
    }

    public async Task<JsonElement> GetAsync(string path)
    {
        using var response = await SendAsync(HttpMethod.Get, path);
        return await response.AnswerAsync();
    }

    public async Task<JsonElement> ChangeAsync(string id, object body, string? ifMatch = null)
    {
        using var response = await SendAsync(HttpMethod.Patch, $"/tasks/{id}", body, ifMatch);
        return await response.AnswerAsync();
    }

    public async Task<JsonElement> ClassifyAsync(string id)
    {
        using var response = await SendAsync(HttpMethod.Post, $"/tasks/{id}/classify", new { queries = TaskBodies.Queries });
        return await response.AnswerAsync();
    }

    public async Task ActivateAsync(string metaLora)
    {
        using var response = await SendAsync(HttpMethod.Put, "/meta-loras/active", new { id = metaLora });
        await response.AnswerAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }
}

/// <summary>Tasks of cups, chairs and other things.</summary>
internal static class TaskBodies
{
    public static string[] Queries { get; } = [Photographs.Base64("cup", 2), Photographs.Base64("chair", 3)];

    public static object CupsAndChairs(string? metaLora = null, double? reject = null) =>
        new
        {
            support = new[]
            {
                EpisodeRequests.Class("cup", Photographs.Base64("cup", 0), Photographs.Base64("cup", 1)),
                EpisodeRequests.Class("chair", Photographs.Base64("chair", 0)),
            },
            name = "kitchen",
            metaLora,
            reject,
        };

    /// <summary>The same, as one episode with the queries.</summary>
    public static object Episode(string? metaLora = null, double? reject = null) =>
        new
        {
            support = new[]
            {
                EpisodeRequests.Class("cup", Photographs.Base64("cup", 0), Photographs.Base64("cup", 1)),
                EpisodeRequests.Class("chair", Photographs.Base64("chair", 0)),
            },
            queries = Queries,
            metaLora,
            reject,
        };

    /// <summary>The ids of a task's images, by class.</summary>
    public static Dictionary<string, long[]> Images(this JsonElement task) =>
        task.GetProperty("classes")
            .EnumerateArray()
            .ToDictionary(
                one => one.GetProperty("label").GetString()!,
                one => one.GetProperty("images").EnumerateArray().Select(image => image.GetProperty("id").GetInt64()).ToArray()
            );

    public static string AnsweredBy(this JsonElement answer) => answer.GetProperty("model").GetProperty("metaLora").GetString()!;
}
