using System.Net;
using System.Text;
using LoraRecycle.Service.Tests.Keys;
using Microsoft.AspNetCore.Builder;

namespace LoraRecycle.Service.Tests.Hosting;

/// <summary>What a page of another origin can make a browser send to a server without keys.</summary>
public sealed class CrossSiteTests : IAsyncLifetime
{
    private const string Named = "https://app.example.org";

    private WebApplication _app = null!;
    private HttpClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _app = await RunningService.StartAsync("--Security:CorsOrigins:0", Named);
        _client = new HttpClient { BaseAddress = new Uri(_app.Urls.Single()) };
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
    }

    [Theory]
    [InlineData("POST", "/classify")]
    [InlineData("POST", "/tasks")]
    [InlineData("PATCH", "/tasks/1")]
    [InlineData("DELETE", "/tasks/1")]
    [InlineData("POST", "/tasks/1/classify")]
    [InlineData("POST", "/loras")]
    [InlineData("DELETE", "/loras/1")]
    [InlineData("POST", "/recycle")]
    [InlineData("DELETE", "/recycle/1")]
    [InlineData("PUT", "/meta-loras/active")]
    [InlineData("POST", "/no-such-path")]
    public async Task A_page_of_another_origin_changes_nothing(string method, string path)
    {
        foreach (var origin in Foreign())
        {
            using var response = await SendAsync(method, path, ("Origin", origin));
            await response.IsProblemAsync(403, "foreign-origin", "Origin");
        }
        foreach (var site in new[] { "cross-site", "same-site", "whatever" })
        {
            using var response = await SendAsync(method, path, ("Sec-Fetch-Site", site));
            await response.IsProblemAsync(403, "foreign-origin", "Sec-Fetch-Site");
        }
        using var own = await SendAsync(method, path, ("Origin", Own), ("Sec-Fetch-Site", "cross-site"));
        await own.IsProblemAsync(403, "foreign-origin", "Sec-Fetch-Site");
    }

    [Fact]
    public async Task The_own_page_and_what_is_no_page_go_on_working()
    {
        (string, string)[][] all =
        [
            [], [("Origin", Own)], [("Origin", Own), ("Sec-Fetch-Site", "same-origin")], [("Sec-Fetch-Site", "none")],
            [("Origin", Named)], [("Origin", Named), ("Sec-Fetch-Site", "cross-site")],
        ];
        foreach (var headers in all)
        {
            using var response = await SendAsync("DELETE", "/tasks/1", headers);
            await response.IsProblemAsync(404, "task-not-found");
        }
    }

    [Fact]
    public async Task Reading_stays_as_it_is()
    {
        using var response = await SendAsync("GET", "/models", ("Origin", "null"), ("Sec-Fetch-Site", "cross-site"));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.False(response.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task A_key_is_what_no_other_page_has()
    {
        var token = "";
        await using var service = await KeyedService.StartAsync(store => token = store.Create("shop", ["tasks"]).Token);
        foreach (var (sent, status, code) in new[] { (token, 404, "task-not-found"), (null, 401, "unauthorized") })
        {
            using var request = new HttpRequestMessage(HttpMethod.Delete, "/tasks/1") { Headers = { { "Origin", "null" } } };
            if (sent is not null)
                request.Headers.Add("X-Api-Key", sent);
            using var response = await service.Client.SendAsync(request, TestContext.Current.CancellationToken);
            await response.IsProblemAsync(status, code);
        }
    }

    private string Own => _client.BaseAddress!.GetLeftPart(UriPartial.Authority);

    private string[] Foreign() =>
    [
        "null", "https://evil.example", $"http://127.0.0.1:{_client.BaseAddress!.Port + 1}", "http://127.0.0.1",
        $"http://localhost:{_client.BaseAddress!.Port}", $"{Own}.evil.example", $"http://evil@{_client.BaseAddress!.Authority}",
        $"{Own}/path", "file://", "no origin at all",
    ];

    private async Task<HttpResponseMessage> SendAsync(string method, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (method is "POST" or "PATCH" or "PUT")
            request.Content = new StringContent("{}", Encoding.UTF8, "text/plain");
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return await _client.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
