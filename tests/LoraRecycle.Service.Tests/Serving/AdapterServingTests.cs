using System.Net.Http.Json;
using LoraRecycle.Tests;
using Serilog.Events;

namespace LoraRecycle.Service.Tests.Serving;

/// <summary>What requests feel when a meta-LoRA cannot be put on, or is loaded while they wait.</summary>
public sealed class AdapterServingTests : IDisposable
{
    private readonly MetaLoraFolder _folder = new MetaLoraFolder().Add("one", seed: 1).Add("two", seed: 2);

    public void Dispose() => _folder.Dispose();

    private static Task<HttpResponseMessage> PostAsync(HttpClient client, string metaLora) =>
        client.PostAsJsonAsync(
            "/classify",
            new
            {
                support = new[]
                {
                    EpisodeRequests.Class("cup", Photographs.Base64("cup", 0)),
                    EpisodeRequests.Class("chair", Photographs.Base64("chair", 0)),
                },
                queries = new[] { Photographs.Base64("ewer", 0) },
                metaLora,
            },
            TestContext.Current.CancellationToken
        );

    [Fact]
    public async Task One_that_cannot_be_put_on_fails_its_own_requests_with_the_reason_in_the_log_alone()
    {
        await using var service = new ControlledService(("Models:MetaLoras", _folder.Path));
        using var client = service.CreateClient();
        service.Model.OnMake = adapter =>
        {
            if (adapter.Id == "one")
                throw new InvalidDataException("secret path");
        };
        using var failed = await PostAsync(client, "one");
        await failed.IsProblemAsync(503, "meta-lora-unavailable");

        Assert.DoesNotContain(
            "secret",
            await failed.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
            StringComparison.Ordinal
        );
        Assert.Contains(service.Log, entry => entry.Level == LogEventLevel.Error);
        await (await PostAsync(client, "two")).AnswerAsync();
        await (await PostAsync(client, "none")).AnswerAsync();
    }

    [Fact]
    public async Task One_that_fails_when_it_is_tried_does_not_become_active()
    {
        await using var service = new ControlledService(("Models:MetaLoras", _folder.Path));
        using var client = service.CreateClient();
        await service.Embedder.Model;
        service.Model.OnBatch = _ => throw new InvalidOperationException("out of memory");
        using (var failed = await client.PutAsJsonAsync("/meta-loras/active", new { id = "one" }, TestContext.Current.CancellationToken))
            await failed.IsProblemAsync(500, "model-failure");
        service.Model.OnBatch = _ => { };

        Assert.Equal(
            "none",
            (await (await PostAsync(client, "default")).AnswerAsync()).GetProperty("model").GetProperty("metaLora").GetString()
        );
    }

    [Fact]
    public async Task The_active_one_is_loaded_before_the_server_is_ready()
    {
        await using var service = new ControlledService(("Models:MetaLoras", _folder.Path), ("Models:MetaLora", "two"));
        await service.Embedder.Model;

        Assert.Equal(["two"], service.Embedder.Loaded.Select(adapter => adapter.Id));
        Assert.Equal([1, 1], service.Model.Batches);
    }

    [Fact]
    public async Task A_request_that_waits_while_the_active_one_changes_is_answered_by_the_one_it_started_with()
    {
        await using var service = new ControlledService(("Models:MetaLoras", _folder.Path), ("Models:MetaLora", "one"));
        using var client = service.CreateClient();
        await service.Embedder.Model;
        var first = await service.OccupiedByAsync(() => PostAsync(client, "none"));
        var before = PostAsync(client, "default");
        await service.UntilWaitingAsync(3);
        var swap = client.PutAsJsonAsync("/meta-loras/active", new { id = "two" }, TestContext.Current.CancellationToken);
        await service.UntilWaitingAsync(4);
        service.Model.Open();

        await (await first).AnswerAsync();
        await (await swap).AnswerAsync();
        Assert.Equal("one", (await (await before).AnswerAsync()).GetProperty("model").GetProperty("metaLora").GetString());
        Assert.Equal(
            "two",
            (await (await PostAsync(client, "default")).AnswerAsync()).GetProperty("model").GetProperty("metaLora").GetString()
        );
    }
}
