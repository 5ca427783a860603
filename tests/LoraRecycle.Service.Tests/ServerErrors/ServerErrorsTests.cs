using System.Net;
using System.Net.Http.Json;
using LoraRecycle.Service.Platform.Observability.ServerErrors;
using LoraRecycle.Service.Tests.Keys;
using LoraRecycle.Service.Tests.Serving;

namespace LoraRecycle.Service.Tests.ServerErrors;

public sealed class ServerErrorsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_request_that_fails_on_the_server_is_listed_with_its_id_and_not_with_what_the_exception_says()
    {
        await using var service = new ControlledService();
        using var client = service.CreateClient();
        using var none = await client.GetAsync(new Uri("/errors", UriKind.Relative), Cancellation);
        Assert.Empty((await none.AnswerAsync()).GetProperty("errors").EnumerateArray());

        service.Model.OnBatch = _ => throw new InvalidOperationException("the password is in /etc/secret");
        using var failed = await client.PostAsJsonAsync("/classify", EpisodeRequests.CupsAndChairs(), Cancellation);
        await failed.IsProblemAsync(500, "model-failure");
        using var refused = await client.PostAsJsonAsync("/classify", new { }, Cancellation);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);

        using var response = await client.GetAsync(new Uri("/errors", UriKind.Relative), Cancellation);
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.DoesNotContain("password", text, StringComparison.Ordinal);
        var error = Assert.Single(
            (await response.AnswerAsync()).GetProperty("errors").EnumerateArray(),
            one => one.GetProperty("request").GetString() is not null
        );
        Assert.Equal("A request ended with model-failure", error.GetProperty("message").GetString());
        Assert.Equal("POST /classify", error.GetProperty("request").GetString());
        Assert.Equal(failed.Headers.GetValues("X-Request-Id").Single(), error.GetProperty("requestId").GetString());
        Assert.NotNull(error.GetProperty("exception").GetString());
    }

    [Fact]
    public async Task A_server_that_is_not_ready_yet_has_met_no_error()
    {
        await using var service = new ControlledService(closed: true);
        using var client = service.CreateClient();
        using var unready = await client.GetAsync(new Uri("/healthz/ready", UriKind.Relative), Cancellation);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, unready.StatusCode);
        using var response = await client.GetAsync(new Uri("/errors", UriKind.Relative), Cancellation);
        Assert.Empty((await response.AnswerAsync()).GetProperty("errors").EnumerateArray());
        service.Model.Open();
    }

    [Fact]
    public async Task They_need_a_key_where_there_are_keys_and_any_key_will_do()
    {
        var token = "";
        await using var locked = await KeyedService.StartAsync(store => token = store.Create("shop", ["classify"]).Token);
        using var without = await locked.GetAsync("/errors");
        using var with = await locked.GetAsync("/errors", token);
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), (without.StatusCode, with.StatusCode));
    }

    [Fact]
    public void Only_the_last_are_kept_and_one_that_repeats_itself_pushes_out_no_other()
    {
        var ring = new ErrorRing(TimeProvider.System);
        for (var i = 0; i < ErrorRing.Capacity + 5; i++)
            ring.Add($"error {i}", null, null, null);
        for (var i = 0; i < 1000; i++)
            ring.Add("the same", "IOException", "GET /tasks", $"request {i}");

        var latest = ring.Latest;
        Assert.Equal(ErrorRing.Capacity, latest.Count);
        Assert.Equal(("the same", 1000, "request 999"), (latest[0].Message, latest[0].Times, latest[0].RequestId));
        Assert.Equal(
            [.. Enumerable.Range(0, ErrorRing.Capacity - 1).Select(i => $"error {ErrorRing.Capacity + 4 - i}")],
            latest.Skip(1).Select(error => error.Message)
        );
    }

    [Fact]
    public void A_message_without_end_is_cut()
    {
        var ring = new ErrorRing(TimeProvider.System);
        ring.Add(new string('x', 1_000_000), null, null, null);
        Assert.InRange(ring.Latest[0].Message.Length, 1, 501);
    }
}
