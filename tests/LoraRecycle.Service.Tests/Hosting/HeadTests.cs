using LoraRecycle.Service.Tests.State;
using LoraRecycle.Service.Tests.StoredTasks;
using LoraRecycle.Tests;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace LoraRecycle.Service.Tests.Hosting;

public sealed class HeadTests(PostgresServer postgres)
{
    private static readonly HashSet<string> OfOneAnswer =
        new(["Date", "X-Request-Id", "Transfer-Encoding"], StringComparer.OrdinalIgnoreCase);

    [Fact]
    public async Task Head_answers_as_get_does_without_a_body_on_every_route()
    {
        using var database = await TestDatabase.CreateAsync("sqlite", postgres);
        await using var service = await TaskService.StartAsync(database);
        var task = await service.AddAsync(TaskBodies.CupsAndChairs());
        var samples = (await service.GetAsync("/samples")).GetProperty("classes")[0];
        var sample = $"/samples/{samples.GetProperty("label").GetString()}/{samples.GetProperty("images")[0].GetString()}";
        string[] paths =
        [
            "/swagger", "/swagger/index.html", "/swagger/v1/swagger.json", $"/tasks/{task}", $"/tasks/{task}/images/1", sample,
            "/meta-loras/none", "/recycle/x/events", "/tasks?limit=0", "/no-such-path", "/classify",
            .. Routes(service).Where(route => !route.Contains('{', StringComparison.Ordinal)),
        ];

        foreach (var path in paths)
        {
            using var get = await SendAsync(service, HttpMethod.Get, path);
            using var head = await SendAsync(service, HttpMethod.Head, path);
            Assert.True(get.StatusCode == head.StatusCode, $"{path}: GET {get.StatusCode}, HEAD {head.StatusCode}");
            Assert.Empty(await head.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
            Assert.Equal(HeadersOf(path, get), HeadersOf(path, head));
        }
    }

    [Fact]
    public async Task What_a_path_allows_has_head_wherever_it_has_get()
    {
        using var database = await TestDatabase.CreateAsync("sqlite", postgres);
        await using var service = await TaskService.StartAsync(database);
        foreach (var (path, allowed) in new[] { ("/models", "GET, HEAD"), ("/tasks", "GET, HEAD, POST"), ("/classify", "POST") })
        {
            using var refused = await SendAsync(service, HttpMethod.Delete, path);
            await refused.IsProblemAsync(405, "method-not-allowed");
            Assert.Equal(allowed, string.Join(", ", refused.Content.Headers.Allow.Order(StringComparer.Ordinal)));
        }
    }

    private static IEnumerable<string> Routes(TaskService service) =>
        service
            .Services.GetServices<EndpointDataSource>()
            .SelectMany(source => source.Endpoints)
            .OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Contains("GET") == true)
            .Select(endpoint => "/" + endpoint.RoutePattern.RawText!.TrimStart('/'))
            .Distinct();

    private static Task<HttpResponseMessage> SendAsync(TaskService service, HttpMethod method, string path) => service.Client.SendAsync(
        new HttpRequestMessage(method, path), HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);

    private static string[] HeadersOf(string path, HttpResponseMessage response) =>
        [
            .. response
                .Headers.Concat(response.Content.Headers)
                .Where(header => !OfOneAnswer.Contains(header.Key) && (path != "/metrics" || header.Key != "Content-Length"))
                .Select(header => $"{path} {header.Key}: {string.Join(", ", header.Value)}")
                .Order(StringComparer.Ordinal),
        ];
}
