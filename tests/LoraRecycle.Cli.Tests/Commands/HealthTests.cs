using System.Net;
using System.Net.Sockets;
using LoraRecycle.Cli.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace LoraRecycle.Cli.Tests.Commands;

public class HealthTests
{
    [Theory]
    [InlineData(200, ExitCode.Ok)]
    [InlineData(503, ExitCode.Negative)]
    public async Task It_prints_what_the_server_says_and_ends_with_whether_it_is_ready(int status, int expected)
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        await using var server = builder.Build();
        server.MapGet("/healthz/ready", () => Results.Text("""{"status":"as it is"}""", statusCode: status));
        await server.StartAsync(TestContext.Current.CancellationToken);

        var run = await CommandRun.Of("health", "--url", server.Urls.Single());

        Assert.Equal((expected, """{"status":"as it is"}""", ""), (run.ExitCode, run.Output.Trim(), run.Error));
    }

    [Fact]
    public async Task Where_nothing_answers_nothing_is_ready()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var url = $"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}";
        free.Stop();

        var run = await CommandRun.Of("health", "--url", url);

        Assert.Equal((ExitCode.Negative, ""), (run.ExitCode, run.Output));
        Assert.Contains($"No server answers at {url}", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_address_is_refused() =>
        (await CommandRun.Of("health", "--url", "8080")).AssertRefused(ExitCode.BadInput, "--url 8080 is not an address");
}
