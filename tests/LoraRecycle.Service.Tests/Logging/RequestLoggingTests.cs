using System.Net.Http.Json;
using LoraRecycle.Service.Tests.Serving;
using Serilog.Events;

namespace LoraRecycle.Service.Tests.Logging;

public sealed class RequestLoggingTests
{
    [Fact]
    public async Task A_request_leaves_one_line_with_its_facts_and_its_id()
    {
        await using var service = new ControlledService();
        using var client = service.CreateClient();
        client.DefaultRequestHeaders.Add("X-Request-Id", "order-66.b_2");
        using var response = await client.PostAsJsonAsync(
            "/classify",
            EpisodeRequests.CupsAndChairs(),
            TestContext.Current.CancellationToken
        );

        Assert.Equal("order-66.b_2", response.Headers.GetValues("X-Request-Id").Single());
        await service.UntilLoggedAsync("POST /classify answered 200");
        var line = Assert.Single(service.Log, entry => entry.Message.StartsWith("POST /classify answered 200", StringComparison.Ordinal));
        Assert.EndsWith("5 images, 0 cached, request order-66.b_2", line.Message, StringComparison.Ordinal);
        Assert.Equal(LogEventLevel.Information, line.Level);
    }

    [Theory]
    [InlineData("with space")]
    [InlineData("line%0abreak")]
    [InlineData("{template}")]
    [InlineData("")]
    [InlineData("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")]
    public async Task An_id_that_is_not_fit_for_a_log_is_replaced(string id)
    {
        await using var service = new ControlledService();
        using var client = service.CreateClient();
        client.DefaultRequestHeaders.TryAddWithoutValidation("X-Request-Id", id);
        using var response = await client.GetAsync("/healthz/live", TestContext.Current.CancellationToken);

        Assert.Matches("^[0-9a-f]{32}$", response.Headers.GetValues("X-Request-Id").Single());
    }

    [Fact]
    public async Task A_line_break_in_a_path_does_not_break_the_line()
    {
        await using var service = new ControlledService();
        using var client = service.CreateClient();
        using var response = await client.GetAsync("/a%0d%0aFAKE%20LINE", TestContext.Current.CancellationToken);
        await service.UntilLoggedAsync("answered 404");

        Assert.Contains(service.Log, entry => entry.Message.StartsWith("GET /a%0D%0AFAKE%20LINE answered 404", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_query_is_not_in_the_line()
    {
        await using var service = new ControlledService();
        using var client = service.CreateClient();
        using var response = await client.GetAsync("/limits?secret=1", TestContext.Current.CancellationToken);
        await service.UntilLoggedAsync("GET /limits answered 200");
    }

    [Fact]
    public async Task What_a_request_logs_has_its_id_and_a_fault_of_the_server_is_an_error_and_one_of_the_client_is_not()
    {
        await using var service = new ControlledService();
        using var client = service.CreateClient();
        client.DefaultRequestHeaders.Add("X-Request-Id", "order-67");
        service.Model.OnBatch = _ => throw new InvalidOperationException();
        using var failed = await client.PostAsJsonAsync(
            "/classify",
            EpisodeRequests.CupsAndChairs(),
            TestContext.Current.CancellationToken
        );
        using var refused = await client.PostAsJsonAsync("/classify", new { }, TestContext.Current.CancellationToken);
        await service.UntilLoggedAsync("POST /classify answered 422");

        Assert.Equal(
            LogEventLevel.Error,
            Assert.Single(service.Log, entry => entry.Message.StartsWith("POST /classify answered 500", StringComparison.Ordinal)).Level
        );
        Assert.Equal(
            LogEventLevel.Information,
            Assert.Single(service.Log, entry => entry.Message.StartsWith("POST /classify answered 422 in ", StringComparison.Ordinal)).Level
        );
        Assert.Equal("order-67", Assert.Single(service.Log, entry => entry.Message == "A request ended with model-failure").RequestId);
    }

    [Fact]
    public async Task Who_only_looks_whether_it_is_well_leaves_no_line()
    {
        await using var service = new ControlledService();
        using var client = service.CreateClient();
        foreach (var path in (string[])["/healthz/live", "/healthz/ready", "/metrics", "/limits"])
            (await client.GetAsync(path, TestContext.Current.CancellationToken)).Dispose();
        await service.UntilLoggedAsync("GET /limits answered 200");

        Assert.Single(service.Log, entry => entry.Message.Contains(" answered ", StringComparison.Ordinal));
    }
}
