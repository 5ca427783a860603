using System.Net.Http.Json;
using LoraRecycle.Service.Host;
using LoraRecycle.Service.Platform.Startup;
using LoraRecycle.Service.Tests.State;
using LoraRecycle.Service.Tests.StoredTasks;
using LoraRecycle.Tests;

namespace LoraRecycle.Service.Tests.Hosting;

public sealed class TrustedProxyTests(PostgresServer postgres)
{
    private static readonly (string, string)[] All =
    [
        ("X-Forwarded-Prefix", "/lora"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "shop.example.org"),
    ];

    [Fact]
    public async Task A_location_is_where_the_client_of_a_trusted_proxy_finds_it()
    {
        using var database = await TestDatabase.CreateAsync("sqlite", postgres);
        await using var service = await TaskService.StartAsync(database, settings: ["--Security:TrustedProxies:0", "127.0.0.0/8"]);

        Assert.Matches("^/lora/tasks/[0-9a-f]{32}$", await LocationAsync(service, All[..1]));
        Assert.Matches("^https://shop.example.org/lora/tasks/[0-9a-f]{32}$", await LocationAsync(service, All));
        Assert.Matches("^https://shop.example.org/tasks/[0-9a-f]{32}$", await LocationAsync(service, All[1..]));
        Assert.Matches("^/tasks/[0-9a-f]{32}$", await LocationAsync(service));
        // What a client says of itself is in front of what the proxy adds.
        Assert.Matches(
            "^https://shop.example.org/lora/tasks/[0-9a-f]{32}$",
            await LocationAsync(
                service,
                ("X-Forwarded-Prefix", "/evil, /lora"),
                ("X-Forwarded-Proto", "http, https"),
                ("X-Forwarded-Host", "evil, shop.example.org")
            )
        );
    }

    [Theory]
    [InlineData]
    [InlineData("--Security:TrustedProxies:0", "192.0.2.1", "--Security:TrustedProxies:1", "2001:db8::/32")]
    public async Task Nobody_else_is_believed(params string[] settings)
    {
        using var database = await TestDatabase.CreateAsync("sqlite", postgres);
        await using var service = await TaskService.StartAsync(database, settings: settings);

        Assert.Matches("^/tasks/[0-9a-f]{32}$", await LocationAsync(service, All));
    }

    [Theory]
    [InlineData("proxy.example.org")]
    [InlineData("10.0.0.0/40")]
    public void What_is_no_address_stops_the_start(string proxy)
    {
        var thrown = Assert.ThrowsAny<Exception>(() =>
            ServiceHost.Build(["--Models:Directory", Repository.PathOf("models"), "--Security:TrustedProxies:0", proxy])
        );
        Assert.True(ConfigurationErrors.TryFind(thrown, out var errors), thrown.ToString());
        Assert.StartsWith("Security:TrustedProxies:", Assert.Single(errors), StringComparison.Ordinal);
    }

    private static async Task<string> LocationAsync(TaskService service, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/tasks");
        request.Content = JsonContent.Create(TaskBodies.CupsAndChairs());
        foreach (var (name, value) in headers)
            request.Headers.Add(name, value);
        using var response = await service.Client.SendAsync(request, TestContext.Current.CancellationToken);
        await response.AnswerAsync();
        return response.Headers.Location!.OriginalString;
    }
}
