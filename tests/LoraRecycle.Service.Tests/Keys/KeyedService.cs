using LoraRecycle.Service.Platform.Security;
using Microsoft.AspNetCore.Builder;

namespace LoraRecycle.Service.Tests.Keys;

/// <summary>The service with a data directory of its own, and a store beside it as the command line has one.</summary>
internal sealed class KeyedService : IAsyncDisposable
{
    private readonly DirectoryInfo _folder;
    private readonly WebApplication _app;

    private KeyedService(DirectoryInfo folder, ApiKeyStore store, WebApplication app)
    {
        (_folder, Store, _app) = (folder, store, app);
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.First()), Timeout = TimeSpan.FromSeconds(60) };
    }

    public ApiKeyStore Store { get; }

    public HttpClient Client { get; }

    public IServiceProvider Services => _app.Services;

    public static async Task<KeyedService> StartAsync(Action<ApiKeyStore>? before = null, params string[] settings)
    {
        var folder = Directory.CreateTempSubdirectory("lora-recycle-keys-");
        var store = new ApiKeyStore(folder.FullName, TimeProvider.System);
        before?.Invoke(store);
        return new(
            folder,
            store,
            await RunningService.StartAsync(["--Storage:Directory", folder.FullName, "--Serving:Device", "cpu", .. settings])
        );
    }

    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method,
        string path,
        string? token = null,
        string header = "Authorization",
        HttpContent? content = null
    )
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        if (token is not null)
            request.Headers.TryAddWithoutValidation(header, header == "Authorization" ? $"Bearer {token}" : token);
        return await Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public Task<HttpResponseMessage> GetAsync(string path, string? token = null, string header = "Authorization") =>
        SendAsync(HttpMethod.Get, path, token, header);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync(); // as the program ends: after the requests that it accepted
        await _app.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
