using System.Net;
using LoraRecycle.Service.Platform.Security;
using LoraRecycle.Service.Tests.Keys;

namespace LoraRecycle.Service.Tests.RateLimits;

public sealed class RateLimitTests
{
    [Fact]
    public async Task Each_key_has_a_limit_of_its_own_and_is_told_when_to_come_again()
    {
        await using var service = await KeyedService.StartAsync(null, "--RateLimits:RequestsPerMinute=1", "--RateLimits:Burst=2");
        var one = service.Store.Create("one", [ApiScopes.Classify]).Token;
        var other = service.Store.Create("other", [ApiScopes.Classify]).Token;

        Assert.Equal("200 200 429", string.Join(' ', await StatusesAsync(service, one, 3)));
        Assert.Equal("200 200 429", string.Join(' ', await StatusesAsync(service, other, 3)));
        using var refused = await service.GetAsync("/models", one);
        await refused.IsProblemAsync(429, "too-many-requests");
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        // Whoever tries keys is limited by address, and health never is.
        Assert.Equal("401 401 429", string.Join(' ', await StatusesAsync(service, "guess", 3)));
        using var health = await service.GetAsync("/healthz/live");
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
    }

    [Theory]
    [InlineData(true, "200 200 429 200")]
    [InlineData(false, "200 200 429 429")]
    public async Task Clients_of_a_trusted_proxy_have_limits_of_their_own_and_nobody_else_is_believed(bool isTrusted, string expected)
    {
        string[] settings = ["--RateLimits:RequestsPerMinute=1", "--RateLimits:Burst=2", "--Security:AllowAnonymous=true"];
        if (isTrusted)
            settings = [.. settings, "--Security:TrustedProxies:0=127.0.0.0/8"];
        await using var service = await KeyedService.StartAsync(null, settings);
        var statuses = new List<int>();
        // What a client says of itself is in front of what the proxy adds, and makes nobody else of it.
        foreach (var addresses in new[] { "192.0.2.1", "10.0.0.8, 192.0.2.1", "10.0.0.9, 192.0.2.1", "198.51.100.7" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/models");
            request.Headers.Add("X-Forwarded-For", addresses);
            using var response = await service.Client.SendAsync(request, TestContext.Current.CancellationToken);
            statuses.Add((int)response.StatusCode);
        }
        Assert.Equal(expected, string.Join(' ', statuses));
    }

    [Fact]
    public async Task Without_the_setting_there_is_no_limit()
    {
        await using var service = await KeyedService.StartAsync();

        Assert.All(await StatusesAsync(service, token: null, 100), status => Assert.Equal(200, status));
    }

    private static async Task<int[]> StatusesAsync(KeyedService service, string? token, int requests)
    {
        var statuses = new int[requests];
        for (var i = 0; i < requests; i++)
        {
            using var response = await service.GetAsync("/models", token);
            statuses[i] = (int)response.StatusCode;
        }
        return statuses;
    }
}
