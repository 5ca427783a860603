using System.Net.Http.Json;
using System.Text.Json;
using LoraRecycle.Tests;
using Microsoft.AspNetCore.Builder;

namespace LoraRecycle.Service.Tests.MetaLoras;

/// <summary>The service as users run it, with the shipped model and the meta-LoRAs of a test.</summary>
internal sealed class AdapterService : IAsyncDisposable
{
    private readonly WebApplication _app;

    private AdapterService(WebApplication app)
    {
        _app = app;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()), Timeout = TimeSpan.FromSeconds(60) };
    }

    public HttpClient Client { get; }

    /// <param name="folder">Its meta-LoRAs.</param>
    /// <param name="active">The one that is active at the start.</param>
    /// <param name="settings">More settings.</param>
    public static async Task<AdapterService> StartAsync(MetaLoraFolder folder, string active, params string[] settings) =>
        new(
            await RunningService.StartAsync([
                "--Serving:Device",
                "cpu",
                "--Models:MetaLoras",
                folder.Path,
                "--Models:MetaLora",
                active,
                .. settings,
            ])
        );

    /// <summary>The episode of cups and chairs.</summary>
    /// <param name="metaLora">What it asks for; null leaves the field out.</param>
    public static object Episode(string? metaLora)
    {
        var episode = (JsonSerializer.SerializeToNode(EpisodeRequests.CupsAndChairs()) ?? throw new InvalidOperationException()).AsObject();
        if (metaLora is not null)
            episode["metaLora"] = metaLora;
        return episode;
    }

    public Task<JsonElement> ClassifyAsync(string? metaLora) => Client.ClassifyAsync(Episode(metaLora));

    public Task<HttpResponseMessage> PostAsync(string? metaLora) =>
        Client.PostAsJsonAsync("/classify", Episode(metaLora), TestContext.Current.CancellationToken);

    public Task<HttpResponseMessage> ActivateAsync(string id) =>
        Client.PutAsJsonAsync("/meta-loras/active", new { id }, TestContext.Current.CancellationToken);

    public async Task<JsonElement> GetAsync(string path)
    {
        using var response = await Client.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        return await response.AnswerAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }
}

internal static class AdapterAnswers
{
    /// <summary>The id of the meta-LoRA that answered.</summary>
    public static string MetaLora(this JsonElement answer) => answer.GetProperty("model").GetProperty("metaLora").GetString()!;

    public static string? MetaLoraRevision(this JsonElement answer) =>
        answer.GetProperty("model").GetProperty("metaLoraRevision").GetString();
}
