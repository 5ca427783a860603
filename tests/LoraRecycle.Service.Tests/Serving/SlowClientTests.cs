using System.Diagnostics;
using System.Net.Http.Json;
using LoraRecycle.Service.Platform.Http.Limits;
using LoraRecycle.Service.Platform.Security;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Tests.Serving;

/// <summary>Clients that send or read slowly, and what they keep others from.</summary>
public sealed class SlowClientTests
{
    [Fact]
    public async Task Bodies_that_are_still_coming_keep_nobody_out()
    {
        await using var service = new ControlledService(("Limits:ConcurrentRequests", "2"));
        using var client = service.CreateClient();
        var slow = new List<RawClient>();
        for (var i = 0; i < 16; i++)
        {
            slow.Add(new RawClient(client.BaseAddress!));
            await slow[i].SendAsync(Head(100_000) + "{\"support\":[");
        }
        await Task.Delay(300, TestContext.Current.CancellationToken);

        await (await PostAsync(client, 0)).AnswerAsync();

        slow.ForEach(one => one.Dispose());
    }

    [Theory]
    [InlineData("/classify")]
    [InlineData("/tasks")]
    [InlineData("/recycle")]
    [InlineData("/loras")]
    public async Task A_body_that_trickles_ends_at_its_deadline(string path)
    {
        await using var service = new ControlledService(("Limits:BodyTime", "00:00:01"));
        using var slow = new RawClient(service.CreateClient().BaseAddress!);
        var clock = Stopwatch.StartNew();
        await slow.SendAsync(path == "/loras"
            ? Head(100_000, path, "multipart/form-data; boundary=b")
                + "--b\r\nContent-Disposition: form-data; name=\"adapter_model.safetensors\"\r\n\r\n"
            : Head(100_000, path) + "{");
        using var stop = new CancellationTokenSource();
        var trickle = TrickleAsync(slow, stop.Token);
        var answer = await slow.ReadAsync();
        await stop.CancelAsync();
        await trickle;

        Assert.StartsWith("HTTP/1.1 408", answer, StringComparison.Ordinal);
        Assert.Contains("\"code\":\"request-timeout\"", answer, StringComparison.Ordinal);
        Assert.InRange(clock.Elapsed.TotalSeconds, 0.9, 10);
    }

    [Fact]
    public async Task A_key_takes_no_more_than_its_share_of_the_places()
    {
        var folder = RunningService.NewDataDirectory;
        Directory.CreateDirectory(folder);
        var store = new ApiKeyStore(folder, TimeProvider.System);
        var (greedy, other) = (store.Create("greedy", ["classify"]).Token, store.Create("other", ["classify"]).Token);
        await using var service = new ControlledService(("Limits:ConcurrentRequests", "2"), ("Storage:Directory", folder));
        using var client = service.CreateClient();
        service.Model.Close();
        var first = PostAsync(client, 0, greedy);
        await service.Model.Entered.Task;
        using var second = await PostAsync(client, 1, greedy);
        var third = PostAsync(client, 2, other);

        await second.IsProblemAsync(503, "queue-full");
        service.Model.Open();
        await (await first).AnswerAsync();
        await (await third).AnswerAsync();
        await (await PostAsync(client, 3, greedy)).AnswerAsync();
    }

    [Fact]
    public async Task The_memory_of_bodies_is_bounded_while_they_come_and_free_when_they_go()
    {
        await using var service = new ControlledService(("Limits:ConcurrentRequests", "2"), ("Limits:RequestBytes", "200000"));
        using var client = service.CreateClient();
        // What waits for the model to be loaded would see no slow body any more: the web server ends them after seconds.
        Assert.Equal(System.Net.HttpStatusCode.OK, (await PostAsync(client, 0)).StatusCode);
        using (RawClient first = new(client.BaseAddress!), second = new(client.BaseAddress!))
        {
            // Two thousand bytes are left then, and both places are free.
            var start = "{\"support\":[{\"label\":\"cup\",\"images\":[\"";
            foreach (var slow in new[] { first, second })
                await slow.SendAsync(Head(199_900) + start + new string('A', 199_000 - start.Length));
            // Whoever asks earlier takes what the second needs.
            var places = service.Services.GetRequiredService<RequestPlaces>();
            await ControlledService.UntilAsync(() => places.Held >= 2 * 199_000, () => "both bodies to be held");

            Assert.Equal(System.Net.HttpStatusCode.ServiceUnavailable, (await PostAsync(client, 0)).StatusCode);
        }
        await ControlledService.UntilAsync(
            () => PostAsync(client, 0).Result.StatusCode == System.Net.HttpStatusCode.OK, () => "the memory to be free again");
    }

    /// <summary>The web server's own limit, which counts what the buffers of both systems hold as taken: to wait for it takes
    /// minutes.</summary>
    [Fact]
    public async Task Who_does_not_take_a_large_answer_is_dropped()
    {
        await using var service = new ControlledService();
        var rate = service.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits.MinResponseDataRate;

        Assert.InRange(rate!.BytesPerSecond, 16 << 10, 64 << 10);
        Assert.InRange(rate.GracePeriod.TotalSeconds, 1, 15);
    }

    private static string Head(int length, string path = "/classify", string type = "application/json") =>
        $"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {type}\r\nContent-Length: {length}\r\n\r\n";

    private static async Task TrickleAsync(RawClient client, CancellationToken stop)
    {
        try
        {
            while (!stop.IsCancellationRequested)
            {
                await client.SendAsync(new string(' ', 200));
                await Task.Delay(50, CancellationToken.None);
            }
        }
        catch (IOException)
        {
            // The server has had enough, as it should.
        }
    }

    private static Task<HttpResponseMessage> PostAsync(HttpClient client, int variant, string? token = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/classify")
        {
            Content = JsonContent.Create(ImageEmbedderTests.Episode(variant)),
        };
        if (token is not null)
            request.Headers.Add("X-Api-Key", token);
        return client.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
