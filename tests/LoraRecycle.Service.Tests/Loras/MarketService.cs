using System.Net;
using System.Text.Json;
using LoraRecycle.Service.Features.Loras.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace LoraRecycle.Service.Tests.Loras;

/// <summary>The service as users run it, with a data directory of its own.</summary>
internal sealed class MarketService : IAsyncDisposable
{
    private readonly WebApplication _app;

    private MarketService(WebApplication app)
    {
        _app = app;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()), Timeout = TimeSpan.FromSeconds(100) };
    }

    public HttpClient Client { get; }

    public LoraLeases Leases => _app.Services.GetRequiredService<LoraLeases>();

    public static async Task<MarketService> StartAsync(string data, params string[] settings) =>
        new(
            await RunningService.StartAsync(["--Serving:Device", "cpu", "--Storage:Directory", data, "--Loras:Market", "none", .. settings])
        );

    /// <summary>Sends the tensors alone.</summary>
    public Task<HttpResponseMessage> PostAsync(HttpContent tensors)
    {
        var form = new MultipartFormDataContent { { tensors, LoraSamples.Tensors, LoraSamples.Tensors } };
        return Client.PostAsync(new Uri("/loras", UriKind.Relative), form, TestContext.Current.CancellationToken);
    }

    public Task<HttpResponseMessage> PostAsync(IEnumerable<KeyValuePair<string, byte[]>> files, string? name = null)
    {
        var form = new MultipartFormDataContent();
        foreach (var (part, content) in files)
            form.Add(new ByteArrayContent(content), part, part);
        if (name is not null)
            form.Add(new StringContent(name), "name");
        return Client.PostAsync(new Uri("/loras", UriKind.Relative), form, TestContext.Current.CancellationToken);
    }

    public Task<HttpResponseMessage> PostZipAsync(byte[] zip) => PostAsync([KeyValuePair.Create("lora.zip", zip)]);

    /// <summary>Uploads one that is new.</summary>
    public async Task<JsonElement> AddAsync(IEnumerable<KeyValuePair<string, byte[]>> files, string? name = null)
    {
        using var response = await PostAsync(files, name);
        var lora = await response.AnswerAsync();
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal($"/loras/{lora.Id()}", response.Headers.Location?.OriginalString);
        return lora;
    }

    public async Task<string[]> IdsAsync() =>
        [.. (await GetAsync("/loras")).GetProperty("loras").EnumerateArray().Select(lora => lora.Id())];

    public async Task<JsonElement> GetAsync(string path)
    {
        using var response = await Client.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        return await response.AnswerAsync();
    }

    public Task<HttpResponseMessage> DeleteAsync(string id) =>
        Client.DeleteAsync(new Uri($"/loras/{id}", UriKind.Relative), TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }
}

internal static class MarketAnswers
{
    public static string Id(this JsonElement lora) => lora.GetProperty("id").GetString()!;
}
