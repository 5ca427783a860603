using LoraRecycle.Service.Host;
using LoraRecycle.Service.Platform.Security;
using LoraRecycle.Service.Platform.Startup;
using LoraRecycle.Tests;

namespace LoraRecycle.Service.Tests.Keys;

public sealed class ListeningGuardTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lora-recycle-keys-");

    public void Dispose() => _folder.Delete(recursive: true);

    private string[] Settings(params string[] more) =>
        [
            "--Models:Directory",
            Repository.PathOf("models"),
            "--Models:MetaLora",
            "none",
            "--Storage:Directory",
            _folder.FullName,
            "--Serilog:MinimumLevel:Default",
            "Fatal",
            .. more,
        ];

    [Theory]
    [InlineData("--urls=http://0.0.0.0:0")]
    [InlineData("--urls=http://127.0.0.1:0;http://[::]:0")]
    [InlineData("--urls=http://example.org:8080")]
    [InlineData("--http_ports=8080")]
    [InlineData("--Kestrel:Endpoints:Public:Url=http://*:8080")]
    public void Others_are_not_let_near_a_service_without_keys(string address)
    {
        var thrown = Assert.ThrowsAny<Exception>(() => ServiceHost.Build(Settings(address)));
        Assert.True(ConfigurationErrors.TryFind(thrown, out var errors), thrown.ToString());
        Assert.Contains("Security:AllowAnonymous", Assert.Single(errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_host_prefers_over_the_endpoints_is_what_counts()
    {
        var thrown = Assert.ThrowsAny<Exception>(() => ServiceHost.Build(
            Settings("--Kestrel:Endpoints:Local:Url=http://127.0.0.1:0", "--urls=http://0.0.0.0:0", "--preferHostingUrls=true")));
        Assert.True(ConfigurationErrors.TryFind(thrown, out _), thrown.ToString());
        await using var app = ServiceHost.Build(
            Settings("--Kestrel:Endpoints:Public:Url=http://0.0.0.0:0", "--urls=http://127.0.0.1:0", "--preferHostingUrls=true"));
        Assert.NotNull(app);
    }

    [Fact]
    public async Task An_address_that_the_settings_do_not_tell_of_stops_the_start_as_well()
    {
        await using var app = ServiceHost.Build(Settings("--urls=http://127.0.0.1:0"));
        app.Urls.Add("http://0.0.0.0:0");
        var thrown = await Assert.ThrowsAnyAsync<Exception>(() => app.StartAsync(TestContext.Current.CancellationToken));
        Assert.True(ConfigurationErrors.TryFind(thrown, out var errors), thrown.ToString());
        Assert.Contains("Security:AllowAnonymous", Assert.Single(errors), StringComparison.Ordinal);
        await app.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_key_or_the_setting_lets_it_listen_there()
    {
        await using (var allowed = ServiceHost.Build(Settings("--urls=http://0.0.0.0:0", "--Security:AllowAnonymous=true")))
            Assert.NotNull(allowed);
        new ApiKeyStore(_folder.FullName, TimeProvider.System).Create("shop", [ApiScopes.Classify]);
        await using var keyed = ServiceHost.Build(Settings("--urls=http://0.0.0.0:0"));
        Assert.NotNull(keyed);
    }

    [Theory]
    [InlineData("http://127.0.0.1:80", true)]
    [InlineData("http://localhost:80", true)]
    [InlineData("https://[::1]:80", true)]
    [InlineData("http://unix:/run/service.sock", true)]
    [InlineData("http://127.0.0.1.example.org:80", false)]
    [InlineData("http://+:80", false)]
    [InlineData("http://10.0.0.1:80", false)]
    [InlineData("nonsense", false)]
    public void Only_what_cannot_be_reached_from_outside_is_loopback(string address, bool isLoopback) =>
        Assert.Equal(isLoopback, ListeningGuard.IsLoopback(address));
}
