using System.Net;
using LoraRecycle.Service.Platform.Security;
using Microsoft.AspNetCore.Builder;

namespace LoraRecycle.Service.Tests.Keys;

/// <summary>Two servers that have one data directory, and with it one file of keys.</summary>
public sealed class SharedKeysTests : IDisposable
{
    private readonly string _data = RunningService.NewDataDirectory;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task A_key_that_is_made_replaced_or_revoked_counts_at_both_with_the_next_request()
    {
        Directory.CreateDirectory(_data);
        var store = new ApiKeyStore(_data, TimeProvider.System);
        await using var one = await StartAsync();
        await using var other = await StartAsync();
        await ExpectAsync(HttpStatusCode.OK, null, one, other);

        var first = store.Create("shop", [ApiScopes.Classify]).Token;
        await ExpectAsync(HttpStatusCode.Unauthorized, null, one, other);
        await ExpectAsync(HttpStatusCode.OK, first, one, other);

        var second = store.Rotate("shop").Token;
        await ExpectAsync(HttpStatusCode.Unauthorized, first, one, other);
        await ExpectAsync(HttpStatusCode.OK, second, one, other);

        store.Revoke("shop");
        await ExpectAsync(HttpStatusCode.Unauthorized, second, one, other);
        await ExpectAsync(HttpStatusCode.Unauthorized, null, one, other);
    }

    private Task<WebApplication> StartAsync() => RunningService.StartAsync("--Storage:Directory", _data, "--Serving:Device", "cpu");

    private static async Task ExpectAsync(HttpStatusCode status, string? token, params WebApplication[] servers)
    {
        foreach (var server in servers)
        {
            using var client = new HttpClient { BaseAddress = new Uri(server.Urls.Single()) };
            if (token is not null)
                client.DefaultRequestHeaders.Add("X-Api-Key", token);
            using var response = await client.GetAsync(new Uri("/limits", UriKind.Relative), TestContext.Current.CancellationToken);
            Assert.Equal(status, response.StatusCode);
        }
    }
}
