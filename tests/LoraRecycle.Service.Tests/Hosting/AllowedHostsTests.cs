using System.Net;
using LoraRecycle.Service.Host;
using LoraRecycle.Service.Platform.Startup;
using LoraRecycle.Tests;

namespace LoraRecycle.Service.Tests.Hosting;

public sealed class AllowedHostsTests
{
    [Theory]
    [InlineData("lora.example.org", HttpStatusCode.OK)]
    [InlineData("LORA.example.org:8080", HttpStatusCode.OK)]
    [InlineData("a.example.net", HttpStatusCode.OK)]
    [InlineData("example.net", HttpStatusCode.BadRequest)]
    [InlineData("attacker.example", HttpStatusCode.BadRequest)]
    [InlineData("127.0.0.1", HttpStatusCode.BadRequest)]
    public async Task A_request_for_another_name_is_refused(string host, HttpStatusCode status)
    {
        await using var app = await RunningService.StartAsync("--AllowedHosts", "lora.example.org;*.example.net");
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/healthz/live") { Headers = { Host = host } };
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(status, response.StatusCode);
    }

    [Theory]
    [InlineData("https://lora.example.org")]
    [InlineData("lora.example.org:8080")]
    [InlineData("lora.example.org; a.example.net")]
    [InlineData("lora.example.org,a.example.net")]
    [InlineData("::1")]
    [InlineData("*example.org")]
    public void What_is_no_host_name_stops_the_start(string hosts)
    {
        var thrown = Assert.ThrowsAny<Exception>(() =>
            ServiceHost.Build(["--Models:Directory", Repository.PathOf("models"), "--AllowedHosts", hosts])
        );
        Assert.True(ConfigurationErrors.TryFind(thrown, out var errors), thrown.ToString());
        Assert.StartsWith("AllowedHosts:", Assert.Single(errors), StringComparison.Ordinal);
    }
}
