using System.Net;
using LoraRecycle.Service.Tests.Keys;

namespace LoraRecycle.Service.Tests.Hosting;

public sealed class HeadersTests
{
    private const string Origin = "https://app.example.org";

    [Theory]
    [InlineData("/models")]
    [InlineData("/")]
    [InlineData("/page/js/app/main.js")]
    [InlineData("/no-such-path")]
    [InlineData("/swagger/index.html")]
    public async Task A_browser_may_do_no_more_with_an_answer_than_show_it(string path)
    {
        await using var service = await KeyedService.StartAsync();
        using var response = await service.GetAsync(path);

        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("no-referrer", response.Headers.GetValues("Referrer-Policy").Single());
        Assert.Equal("same-origin", response.Headers.GetValues("Cross-Origin-Resource-Policy").Single());
        Assert.Contains("frame-ancestors 'none'", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.False(response.Headers.Contains("Server"));
    }

    [Fact]
    public async Task Only_the_origins_of_the_settings_may_call_from_a_page()
    {
        await using var closed = await KeyedService.StartAsync();
        Assert.Null(await AllowedOriginAsync(closed, Origin));

        await using var service = await KeyedService.StartAsync(
            store => store.Create("shop", ["classify"]),
            $"--Security:CorsOrigins:0={Origin}"
        );
        Assert.Equal(Origin, await AllowedOriginAsync(service, Origin));
        Assert.Null(await AllowedOriginAsync(service, "https://elsewhere.example.org"));
        using var preflight = new HttpRequestMessage(HttpMethod.Options, "/classify")
        {
            Headers =
            {
                { "Origin", Origin },
                { "Access-Control-Request-Method", "POST" },
                { "Access-Control-Request-Headers", "authorization" },
            },
        };
        using var answer = await service.Client.SendAsync(preflight, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Equal("authorization", answer.Headers.GetValues("Access-Control-Allow-Headers").Single());
    }

    [Fact]
    public async Task A_page_may_read_the_headers_that_an_answer_needs()
    {
        await using var service = await KeyedService.StartAsync(
            store => store.Create("shop", ["classify"]), $"--Security:CorsOrigins:0={Origin}");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/models") { Headers = { { "Origin", Origin } } };
        using var refused = await service.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        var exposed = string.Join(',', refused.Headers.GetValues("Access-Control-Expose-Headers"))
            .Split(',', StringSplitOptions.TrimEntries);
        Assert.Superset(
            new HashSet<string> { "ETag", "Location", "WWW-Authenticate", "Retry-After", "X-Request-Id" },
            exposed.ToHashSet());
    }

    /// <summary>Of a request without a key, so that a page can also read why it is refused.</summary>
    private static async Task<string?> AllowedOriginAsync(KeyedService service, string origin)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/models") { Headers = { { "Origin", origin } } };
        using var response = await service.Client.SendAsync(request, TestContext.Current.CancellationToken);
        return response.Headers.TryGetValues("Access-Control-Allow-Origin", out var allowed) ? allowed.Single() : null;
    }
}
