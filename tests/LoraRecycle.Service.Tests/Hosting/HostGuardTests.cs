using System.Net;
using LoraRecycle.Service.Tests.Keys;

namespace LoraRecycle.Service.Tests.Hosting;

/// <summary>Names that point at this machine and are not its own (DNS rebinding).</summary>
public sealed class HostGuardTests
{
    [Theory]
    [InlineData("evil.example")]
    [InlineData("evil.example:8080")]
    [InlineData("localhost.evil.example")]
    [InlineData("127.0.0.1.evil.example")]
    [InlineData("192.168.1.5")]
    [InlineData("[2001:db8::1]")]
    [InlineData("0.0.0.0")]
    public async Task Without_keys_other_names_than_this_machine_s_are_refused(string host)
    {
        await using var service = await KeyedService.StartAsync();
        foreach (var path in new[] { "/", "/models", "/healthz/live", "/no-such-path" })
        {
            using var response = await SendAsync(service, path, host);
            await response.IsProblemAsync(400, "foreign-host", "Host");
        }
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("LOCALHOST:1234")]
    [InlineData("lora.localhost")]
    [InlineData("127.0.0.1")]
    [InlineData("127.8.8.8:80")]
    [InlineData("[::1]:8080")]
    public async Task Without_keys_names_of_this_machine_are_answered(string host)
    {
        await using var service = await KeyedService.StartAsync();
        using var response = await SendAsync(service, "/models", host);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task What_a_request_says_of_a_proxy_changes_nothing()
    {
        await using var service = await KeyedService.StartAsync(null, "--Security:TrustedProxies:0", "127.0.0.1");
        using var response = await SendAsync(service, "/models", "evil.example", ("X-Forwarded-Host", "localhost"));
        using var proxied = await SendAsync(service, "/models", "localhost", ("X-Forwarded-Host", "shop.example.org"));

        await response.IsProblemAsync(400, "foreign-host", "Host");
        Assert.Equal(HttpStatusCode.OK, proxied.StatusCode);
    }

    [Fact]
    public async Task With_keys_names_in_the_settings_or_no_need_of_keys_every_name_is_as_before()
    {
        await using var keyed = await KeyedService.StartAsync(store => store.Create("shop", ["classify"]));
        await using var named = await KeyedService.StartAsync(null, "--AllowedHosts", "lora.example.org");
        await using var open = await KeyedService.StartAsync(null, "--Security:AllowAnonymous", "true");
        foreach (var service in new[] { keyed, named, open })
        {
            using var response = await SendAsync(service, "/healthz/live", "lora.example.org");
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    private static async Task<HttpResponseMessage> SendAsync(
        KeyedService service, string path, string host, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Host = host } };
        foreach (var (name, value) in headers)
            request.Headers.Add(name, value);
        return await service.Client.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
