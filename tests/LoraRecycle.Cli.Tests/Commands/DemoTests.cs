using System.Net;
using System.Text.Json.Nodes;
using LoraRecycle.Cli.Hosting;
using LoraRecycle.Service.Host;
using LoraRecycle.Service.Platform.Security;
using LoraRecycle.Tests;

namespace LoraRecycle.Cli.Tests.Commands;

public sealed class DemoTests : IDisposable
{
    private readonly MetaLoraFolder _metaLoras = new MetaLoraFolder().Add("mine", seed: 1);

    public void Dispose() => _metaLoras.Dispose();

    [Fact]
    public async Task A_temporary_server_answers_for_every_query()
    {
        var run = await CommandRun.Of("demo", "--ways", "3", "--shots", "2", "--queries", "2", "--json");
        Assert.Equal(ExitCode.Ok, run.ExitCode);
        var report = JsonNode.Parse(run.Output)!;
        Assert.Equal(("vit-s-12-96", 3, 2), ((string)report["model"]!, (int)report["ways"]!, (int)report["shots"]!));
        var bare = report["bare"]!;
        Assert.Equal("none", (string)bare["metaLora"]!);
        Assert.Equal(6, bare["predictions"]!.AsArray().Count);
        Assert.InRange((int)bare["correct"]!, 4, 6);
        Assert.Equal((int)bare["correct"]! / 6.0, (double)bare["accuracy"]!, 9);
    }

    [Fact]
    public async Task The_bare_models_answers_and_those_of_the_meta_lora_stand_side_by_side()
    {
        await using var server = await ServeAsync("mine");
        var run = (await CommandRun.Of("demo", "--url", server.Urls.Single(), "--queries", "1")).AssertDone();
        var photographs = run.Output.Split('\n').Where(line => line.Contains(".jpg", StringComparison.Ordinal)).ToArray();

        Assert.Equal(5, photographs.Length);
        Assert.All(photographs, line => Assert.Equal(2, line.Split(["right", "wrong"], StringSplitOptions.None).Length - 1));
        Assert.Matches("(?m)^bare model: [0-5] of 5 right, 5-way 1-shot, tiny, [0-9.]+ %, [0-9]+ ms$", run.Output);
        Assert.Matches("(?m)^meta-LoRA mine: [0-5] of 5 right, 5-way 1-shot, tiny, [0-9.]+ %, [0-9]+ ms$", run.Output);

        var report = JsonNode.Parse(
            (await CommandRun.Of("demo", "--url", server.Urls.Single(), "--queries", "1", "--json")).AssertDone().Output
        )!;
        Assert.Equal("mine", (string)report["metaLora"]!["metaLora"]!);
        Assert.Matches("^[0-9a-f]{64}$", (string)report["metaLora"]!["revision"]!);
        Assert.NotEqual(report["bare"]!["predictions"]!.ToJsonString(), report["metaLora"]!["predictions"]!.ToJsonString());
    }

    [Fact]
    public async Task A_server_on_this_machine_is_asked_past_the_proxy_of_the_environment()
    {
        await using var server = await ServeAsync("none");
        var (url, before) = (new Uri(server.Urls.Single()), HttpClient.DefaultProxy);
        HttpClient.DefaultProxy = new ProxyOfOne(url.Authority);
        try
        {
            (await CommandRun.Of("demo", "--url", $"http://localhost:{url.Port}", "--queries", "1")).AssertDone();
            (await CommandRun.Of("demo", "--url", url.ToString(), "--queries", "1")).AssertDone();
            (await CommandRun.Of("health", "--url", url.ToString())).AssertDone();
        }
        finally
        {
            HttpClient.DefaultProxy = before;
        }
    }

    /// <summary>A proxy that nothing listens on, for one port alone: other tests go on meanwhile.</summary>
    private sealed class ProxyOfOne(string authority) : IWebProxy
    {
        public ICredentials? Credentials { get; set; }

        public Uri GetProxy(Uri destination) => new("http://127.0.0.1:9");

        public bool IsBypassed(Uri host) => host.Port != new Uri($"http://{authority}").Port;
    }

    [Fact]
    public async Task A_server_without_a_meta_lora_shows_the_bare_model_and_says_so()
    {
        await using var server = await ServeAsync("none");
        var run = (await CommandRun.Of("demo", "--url", server.Urls.Single(), "--queries", "1")).AssertDone();

        Assert.Contains("no active meta-LoRA", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("meta-LoRA mine", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_asks_for_a_key_is_sent_that_of_the_file_which_is_never_shown()
    {
        using var folder = new TemporaryFolder();
        var token = new ApiKeyStore(folder.Path, TimeProvider.System).Create("demo", ["classify"]).Token;
        var file = Path.Combine(folder.Path, "key");
        await using var server = await ServeAsync("none", "--Storage:Directory", folder.Path, "--Security:AllowAnonymous", "false");
        var refused = await CommandRun.Of("demo", "--url", server.Urls.Single(), "--queries", "1");
        Assert.Equal(ExitCode.Environment, refused.ExitCode);
        Assert.Contains("LORA_RECYCLE_API_KEY", refused.Error, StringComparison.Ordinal);

        await File.WriteAllTextAsync(file, token + "\n", TestContext.Current.CancellationToken);
        var run = (await CommandRun.Of("demo", "--url", server.Urls.Single(), "--queries", "1", "--key-file", file)).AssertDone();
        Assert.DoesNotContain(token, run.Output + run.Error, StringComparison.Ordinal);

        await File.WriteAllTextAsync(file, token[..^1] + (token[^1] == 'A' ? 'B' : 'A'), TestContext.Current.CancellationToken);
        var wrong = await CommandRun.Of("demo", "--url", server.Urls.Single(), "--queries", "1", "--key-file", file);
        Assert.Equal(ExitCode.Environment, wrong.ExitCode);
        Assert.DoesNotContain(token[..^1], wrong.Output + wrong.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("two keys")]
    [InlineData("")]
    [InlineData("a\nb")]
    public async Task What_is_no_key_is_refused_without_being_shown(string content)
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "key");
        await File.WriteAllTextAsync(file, content, TestContext.Current.CancellationToken);
        var run = await CommandRun.Of("demo", "--url", "http://127.0.0.1:9", "--key-file", file);

        Assert.Equal(ExitCode.BadInput, run.ExitCode);
        Assert.Contains("expected only one key", run.Error, StringComparison.Ordinal);
        Assert.True(content.Length == 0 || !run.Error.Contains(content, StringComparison.Ordinal));
    }

    private async Task<Microsoft.AspNetCore.Builder.WebApplication> ServeAsync(string metaLora, params string[] settings)
    {
        var app = ServiceHost.Build([
            "--urls",
            "http://127.0.0.1:0",
            "--Models:Directory",
            TinyModel.Models,
            "--Models:Default",
            TinyModel.Name,
            "--Models:MetaLoras",
            _metaLoras.Path,
            "--Models:MetaLora",
            metaLora,
            "--Security:AllowAnonymous",
            "true",
            "--Serilog:MinimumLevel:Default",
            "Fatal",
            .. settings,
        ]);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }
}
