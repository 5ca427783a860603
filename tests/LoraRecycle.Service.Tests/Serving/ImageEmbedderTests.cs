using System.Net.Http.Json;
using Microsoft.Extensions.Hosting;
using Serilog.Events;

namespace LoraRecycle.Service.Tests.Serving;

/// <summary>What requests feel of the queue and the model behind it.</summary>
public sealed class ImageEmbedderTests
{
    /// <summary>An episode of three images that no other number has.</summary>
    internal static object Episode(int number) =>
        new
        {
            support = new[]
            {
                EpisodeRequests.Class("cup", Photographs.Base64("cup", number)),
                EpisodeRequests.Class("chair", Photographs.Base64("chair", number)),
            },
            queries = new[] { Photographs.Base64("ewer", number) },
        };

    private static Task<HttpResponseMessage> PostAsync(HttpClient client, int number) =>
        client.PostAsJsonAsync("/classify", Episode(number), TestContext.Current.CancellationToken);

    [Fact]
    public async Task Images_of_concurrent_requests_share_a_forward_pass()
    {
        await using var service = new ControlledService();
        using var client = service.CreateClient();
        var first = await service.OccupiedByAsync(() => PostAsync(client, 0));
        var (second, third) = (PostAsync(client, 1), PostAsync(client, 2));
        await service.UntilWaitingAsync(6);
        service.Model.Open();

        foreach (var response in await Task.WhenAll(first, second, third))
            await response.AnswerAsync();
        Assert.Equal(10, service.Model.Batches.Sum());
        Assert.Equal(6, service.Model.Batches[^1]);
    }

    [Fact]
    public async Task A_forward_pass_has_no_more_images_than_its_limit()
    {
        await using var service = new ControlledService(("Serving:MaxBatch", "4"));
        using var client = service.CreateClient();
        await (
            await client.PostAsJsonAsync(
                "/classify",
                new
                {
                    support = new[]
                    {
                        EpisodeRequests.Class("cup", [.. Enumerable.Range(0, 10).Select(i => Photographs.Base64("cup", i))]),
                        EpisodeRequests.Class("chair", Photographs.Base64("chair", 0)),
                    },
                    queries = Enumerable.Range(1, 9).Select(i => Photographs.Base64("chair", i)),
                },
                TestContext.Current.CancellationToken
            )
        ).AnswerAsync();

        Assert.Equal(21, service.Model.Batches.Sum());
        Assert.True(service.Model.Batches.Max() <= 4);
    }

    [Fact]
    public async Task A_request_that_finds_the_queue_full_is_told_to_come_again_and_those_in_it_are_served()
    {
        await using var service = new ControlledService(("Serving:QueueImages", "5"), ("Limits:ImagesPerRequest", "5"));
        using var client = service.CreateClient();
        var first = await service.OccupiedByAsync(() => PostAsync(client, 0));
        var second = PostAsync(client, 1);
        await service.UntilWaitingAsync(3);
        using var third = await PostAsync(client, 2);

        await third.IsProblemAsync(503, "queue-full");
        Assert.Equal("1", third.Headers.GetValues("Retry-After").Single());
        service.Model.Open();
        await (await first).AnswerAsync();
        await (await second).AnswerAsync();
        await (await PostAsync(client, 2)).AnswerAsync();
    }

    [Fact]
    public async Task A_request_beyond_those_answered_at_once_is_told_to_come_again()
    {
        await using var service = new ControlledService(("Limits:ConcurrentRequests", "1"));
        using var client = service.CreateClient();
        service.Model.Close();
        var first = PostAsync(client, 0);
        await service.Model.Entered.Task;
        using var second = await PostAsync(client, 1);

        await second.IsProblemAsync(503, "queue-full");
        service.Model.Open();
        await (await first).AnswerAsync();
    }

    [Fact]
    public async Task A_client_that_hangs_up_cancels_its_work_without_an_error_in_the_log()
    {
        await using var service = new ControlledService();
        using var client = service.CreateClient();
        var first = await service.OccupiedByAsync(() => PostAsync(client, 0));
        using var hangUp = new CancellationTokenSource();
        var second = client.PostAsJsonAsync("/classify", Episode(1), hangUp.Token);
        await service.UntilWaitingAsync(3);
        await hangUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        await service.UntilLoggedAsync("answered 499");
        service.Model.Open();

        await (await first).AnswerAsync();
        await (await PostAsync(client, 2)).AnswerAsync();
        Assert.Equal(1 + 3 + 3, service.Model.Batches.Sum());
        Assert.DoesNotContain(service.Log, entry => entry.Level >= LogEventLevel.Warning);
    }

    [Fact]
    public async Task A_model_that_throws_is_a_problem_without_its_message_and_the_server_goes_on()
    {
        await using var service = new ControlledService();
        using var client = service.CreateClient();
        service.Model.OnBatch = _ => throw new InvalidOperationException("secret path");
        using (var failed = await PostAsync(client, 0))
        {
            await failed.IsProblemAsync(500, "model-failure");
            Assert.DoesNotContain(
                "secret",
                await failed.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
                StringComparison.Ordinal
            );
        }
        Assert.Contains(service.Log, entry => entry.Level == LogEventLevel.Error);

        service.Model.OnBatch = _ => { };
        await (await PostAsync(client, 0)).AnswerAsync();
    }

    [Theory]
    [InlineData(float.NaN, 3)]
    [InlineData(float.NegativeInfinity, 3)]
    [InlineData(1, 4)]
    public async Task What_is_no_embedding_never_becomes_an_answer(float value, int length)
    {
        await using var service = new ControlledService();
        using var client = service.CreateClient();
        await service.Embedder.Model; // warm before it goes wrong
        service.Model.OnEmbedding = _ => [.. Enumerable.Repeat(value, length)];
        using var failed = await PostAsync(client, 0);

        await failed.IsProblemAsync(500, "model-failure");
    }

    [Fact]
    public async Task An_image_that_the_model_fails_on_does_not_fail_the_requests_in_its_batch()
    {
        await using var service = new ControlledService();
        using var client = service.CreateClient();
        var first = await service.OccupiedByAsync(() => PostAsync(client, 0));
        var (bad, good) = (
            client.PostAsJsonAsync("/classify", EpisodeRequests.WithImage(OnePixelGif), TestContext.Current.CancellationToken),
            PostAsync(client, 2)
        );
        await service.UntilWaitingAsync(6);
        service.Model.OnBatch = images =>
        {
            if (images.Any(image => image.Width == 1))
                throw new InvalidOperationException("one pixel");
        };
        service.Model.Open();

        await (await first).AnswerAsync();
        await (await good).AnswerAsync();
        await (await bad).IsProblemAsync(500, "model-failure");
    }

    [Fact]
    public async Task A_shutdown_finishes_the_requests_that_were_accepted_and_disposes_the_model()
    {
        await using var service = new ControlledService();
        using var client = service.CreateClient();
        service.Model.Close();
        var request = PostAsync(client, 0);
        await service.Model.Entered.Task;
        var host = service.Services.GetService(typeof(IHostApplicationLifetime)) as IHostApplicationLifetime;
        host!.StopApplication();
        await Task.Delay(100, TestContext.Current.CancellationToken);
        Assert.False(request.IsCompleted);
        service.Model.Open();

        await (await request).AnswerAsync();
        while (!service.Model.IsDisposed)
            await Task.Delay(5, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Readiness_waits_for_the_first_forward_pass_and_liveness_does_not()
    {
        await using var service = new ControlledService(closed: true);
        using var client = service.CreateClient();
        using var live = await client.GetAsync("/healthz/live", TestContext.Current.CancellationToken);
        using var loading = await client.GetAsync("/healthz/ready", TestContext.Current.CancellationToken);
        var early = PostAsync(client, 0);
        service.Model.Open();
        await service.Embedder.Model;
        using var ready = await client.GetAsync("/healthz/ready", TestContext.Current.CancellationToken);

        Assert.Equal((200, 503, 200), ((int)live.StatusCode, (int)loading.StatusCode, (int)ready.StatusCode));
        await (await early).AnswerAsync();
    }

    private static byte[] OnePixelGif => Convert.FromBase64String("R0lGODdhAQABAIABAAAAAP///ywAAAAAAQABAAACAkQBADs=");
}
