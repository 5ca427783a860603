using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace LoraRecycle.Client.Tests;

/// <summary>What is sent again when the service says later, and what is not.</summary>
public sealed class RetryTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_that_limits_requests_is_waited_for_as_long_as_it_says()
    {
        await using var server = await LimitedServer.StartAsync();
        using var patient = new LoraRecycleClient(server.Address);
        using var impatient = new LoraRecycleClient(new ClientOptions { Url = new Uri(server.Address), RetryFor = TimeSpan.Zero });

        await patient.Server.GetLimitsAsync(Cancellation);
        var refused = await Assert.ThrowsAsync<ProblemException>(async () =>
        {
            for (var often = 0; often < 20; often++)
                await impatient.Server.GetLimitsAsync(Cancellation);
        });
        var answer = await patient.ClassifyAsync(Photograph.CupAndChair, [Photograph.AnotherCup], cancellationToken: Cancellation);

        Assert.Equal((429, "too-many-requests"), (refused.Status, refused.Code));
        Assert.Equal(TimeSpan.FromSeconds(1), refused.RetryAfter);
        Assert.Single(answer.Predictions);
    }

    [Theory]
    [InlineData("GetLimits", 429, "too-many-requests", 3)]
    [InlineData("GetLimits", 503, null, 3)]
    [InlineData("GetLimits", 500, "internal-error", 1)]
    [InlineData("Classify", 503, "model-unavailable", 3)]
    [InlineData("ClassifyFromAPipe", 503, "queue-full", 1)]
    [InlineData("CreateTask", 503, "queue-full", 3)]
    [InlineData("CreateTask", 503, "storage-unavailable", 1)]
    [InlineData("CreateTask", 503, null, 1)]
    [InlineData("Recycle", 503, "too-many-jobs", 3)]
    [InlineData("Recycle", 503, "state-unavailable", 1)]
    public async Task Only_what_does_no_harm_is_sent_again_and_that_for_a_while(string what, int status, string? code, int times)
    {
        using var busy = new BusyService(status, code);
        using var http = new HttpClient(busy);
        using var client = new LoraRecycleClient(new ClientOptions { RetryFor = TimeSpan.FromSeconds(2) }, http);

        var problem = await Assert.ThrowsAsync<ProblemException>(() => what switch
        {
            "GetLimits" => (Task)client.Server.GetLimitsAsync(Cancellation),
            "Classify" => client.ClassifyAsync(Photograph.CupAndChair, [Photograph.AnotherCup], cancellationToken: Cancellation),
            "ClassifyFromAPipe" =>
                client.ClassifyAsync(Photograph.CupAndChair, [new UnseekableStream([1])], cancellationToken: Cancellation),
            "CreateTask" => client.Tasks.CreateAsync(Photograph.CupAndChair, cancellationToken: Cancellation),
            _ => client.Recycle.StartAsync(new() { Loras = ["x"] }, Cancellation),
        });

        Assert.Equal((status, code), (problem.Status, problem.Code));
        Assert.Equal(times, busy.Requests);
    }

    /// <summary>Refuses everything, with whatever problem, which no real server does on demand.</summary>
    private sealed class BusyService(int status, string? code) : HttpMessageHandler
    {
        public int Requests { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Requests++;
            if (request.Content is { } content)
                await content.CopyToAsync(Stream.Null, cancellationToken);
            return new HttpResponseMessage((HttpStatusCode)status)
            {
                Headers = { RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromSeconds(1)) },
                Content = code is null
                    ? new StringContent("no")
                    : new StringContent($$"""{"code": "{{code}}", "detail": "Later."}""", Encoding.UTF8, "application/problem+json"),
            };
        }
    }
}
