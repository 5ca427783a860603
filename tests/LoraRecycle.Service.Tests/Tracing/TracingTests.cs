using System.Collections.Concurrent;
using System.Net;
using System.Text;
using LoraRecycle.Service.Tests.Keys;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace LoraRecycle.Service.Tests.Tracing;

public sealed class TracingTests
{
    [Fact]
    public async Task A_request_is_a_span_that_the_collector_is_sent()
    {
        var received = new ConcurrentQueue<string>();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        await using var collector = builder.Build();
        collector.Urls.Add("http://127.0.0.1:0");
        collector.MapPost("/v1/traces", async (HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            received.Enqueue(Encoding.UTF8.GetString(body.ToArray()));
        });
        await collector.StartAsync(TestContext.Current.CancellationToken);

        // It is on this machine, where no proxy of the environment's can reach it.
        var proxy = HttpClient.DefaultProxy;
        HttpClient.DefaultProxy = new WebProxy("http://127.0.0.1:9");
        try
        {
            await using var service = await KeyedService.StartAsync(null, $"--Tracing:OtlpEndpoint={collector.Urls.Single()}");
            using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = service.Client.BaseAddress };
            using var response = await client.GetAsync(
                new Uri("/meta-loras/missing", UriKind.Relative), TestContext.Current.CancellationToken);
        }
        finally
        {
            HttpClient.DefaultProxy = proxy;
        }
        // What was not yet sent is sent when the service ends.
        var spans = string.Concat(received);
        Assert.Contains("lora-recycle", spans, StringComparison.Ordinal);
        Assert.Contains("GET /meta-loras/{id}", spans, StringComparison.Ordinal);
    }
}
