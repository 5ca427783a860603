using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using LoraRecycle.Service.Serving.Configuration;
using LoraRecycle.Service.Serving.Devices;
using LoraRecycle.Service.Serving.Models;
using LoraRecycle.Tests;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace LoraRecycle.Service.Tests.Serving;

/// <summary>Several devices behind one queue: what one of them does is no other's trouble.</summary>
public sealed class DevicesTests
{
    private static readonly (string, string) Two = ("Serving:Device", "cpu,cpu");

    private static object Episode(int number) =>
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

    private static async Task<JsonElement> ReadyAsync(HttpClient client, HttpStatusCode status)
    {
        using var response = await client.GetAsync(new Uri("/healthz/ready", UriKind.Relative), TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(status == response.StatusCode, text);
        return JsonDocument.Parse(text).RootElement;
    }

    private static async Task<Dictionary<string, string?>> StatusesAsync(HttpClient client)
    {
        using var response = await client.GetAsync(new Uri("/models", UriKind.Relative), TestContext.Current.CancellationToken);
        var model = (await response.AnswerAsync())
            .GetProperty("models")
            .EnumerateArray()
            .Single(model => model.GetProperty("default").GetBoolean());
        return model
            .GetProperty("devices")
            .EnumerateArray()
            .ToDictionary(device => device.GetProperty("name").GetString()!, device => device.GetProperty("status").GetString());
    }

    [Fact]
    public async Task Every_device_is_warm_before_the_server_is_ready()
    {
        await using var service = new ControlledService(closed: true, Two);
        using var client = service.CreateClient();
        await service.Model.Entered.Task;
        await service.On("cpu#2").Entered.Task;
        service.Model.Open();
        await ControlledService.UntilAsync(() => StatusesAsync(client).Result["cpu"] == "ready", () => "the first device to be warm");
        Assert.Equal("loading", (await StatusesAsync(client))["cpu#2"]);
        var loading = await ReadyAsync(client, HttpStatusCode.ServiceUnavailable);
        Assert.Contains("loaded on cpu#2.", loading.GetProperty("checks").GetProperty("model").GetString(), StringComparison.Ordinal);

        service.On("cpu#2").Open();
        await service.Embedder.Model;
        var ready = await ReadyAsync(client, HttpStatusCode.OK);
        Assert.Equal("Healthy", ready.GetProperty("status").GetString());
        Assert.Equal(["model", "cpu", "cpu#2"], ready.GetProperty("checks").EnumerateObject().Select(check => check.Name));
    }

    [Fact]
    public async Task A_free_device_takes_what_waits_while_another_is_busy()
    {
        await using var service = new ControlledService(Two);
        using var client = service.CreateClient();
        await service.Embedder.Model;
        service.Model.Close();
        service.On("cpu#2").Close();
        var first = PostAsync(client, 0);
        await Task.WhenAny(service.Model.Entered.Task, service.On("cpu#2").Entered.Task);
        await service.UntilWaitingAsync(0);
        var second = PostAsync(client, 1);
        await Task.WhenAll(service.Model.Entered.Task, service.On("cpu#2").Entered.Task);
        await service.UntilWaitingAsync(0);
        service.On("cpu#2").Open();
        for (var more = 2; more < 5; more++)
            await (await PostAsync(client, more)).AnswerAsync();

        Assert.Equal(1, new[] { first, second }.Count(request => !request.IsCompleted));
        service.Model.Open();
        await (await first).AnswerAsync();
        await (await second).AnswerAsync();
    }

    [Fact]
    public async Task A_device_that_fails_hands_its_images_on_and_takes_others_once_it_works_again()
    {
        await using var service = new ControlledService(Two);
        using var client = service.CreateClient();
        await service.Embedder.Model;
        service.On("cpu#2").OnBatch = _ => throw new InvalidOperationException("device lost");
        await ReadyAsync(client, HttpStatusCode.OK); // also tells that it fails
        Assert.Equal("failing", (await StatusesAsync(client))["cpu#2"]);
        for (var number = 0; number < 5; number++)
            await (await PostAsync(client, number)).AnswerAsync();
        var degraded = await ReadyAsync(client, HttpStatusCode.OK);
        Assert.Equal("Degraded", degraded.GetProperty("status").GetString());
        Assert.Contains("failed", degraded.GetProperty("checks").GetProperty("cpu#2").GetString(), StringComparison.Ordinal);

        service.On("cpu#2").OnBatch = _ => { };
        await ControlledService.UntilAsync(() => StatusesAsync(client).Result["cpu#2"] == "ready", () => "the device to be back");
    }

    [Fact]
    public async Task An_image_that_a_broken_device_has_taken_is_answered_by_another()
    {
        await using var service = new ControlledService(Two);
        using var client = service.CreateClient();
        await service.Embedder.Model;
        // Whichever takes the episode first is the one that breaks.
        var broken = new ConcurrentDictionary<string, bool>();
        foreach (var device in new[] { "cpu", "cpu#2" })
            service.On(device).OnBatch = _ =>
            {
                broken.TryAdd(broken.IsEmpty ? device : broken.Keys.First(), true);
                if (broken.ContainsKey(device))
                    throw new InvalidOperationException("device lost");
            };
        await (await PostAsync(client, 0)).AnswerAsync();

        Assert.Equal(["failing", "ready"], (await StatusesAsync(client)).Values.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_device_that_hangs_is_named_and_its_images_are_answered_by_another()
    {
        await using var service = new ControlledService(Two, ("Health:Deadline", "00:00:00.5"));
        using var client = service.CreateClient();
        await service.Embedder.Model;
        service.Model.Close();
        service.On("cpu#2").Close();
        var request = PostAsync(client, 0);
        await Task.WhenAny(service.Model.Entered.Task, service.On("cpu#2").Entered.Task);
        var (hung, other) = service.Model.Entered.Task.IsCompleted ? ("cpu", "cpu#2") : ("cpu#2", "cpu");
        service.On(other).Open();

        await (await request).AnswerAsync();
        var degraded = await ReadyAsync(client, HttpStatusCode.OK);
        Assert.Equal("Degraded", degraded.GetProperty("status").GetString());
        Assert.Contains("hangs", degraded.GetProperty("checks").GetProperty(hung).GetString(), StringComparison.Ordinal);
        Assert.Equal("Ready.", degraded.GetProperty("checks").GetProperty(other).GetString());
        Assert.Equal(("hanging", "ready"), ((await StatusesAsync(client))[hung], (await StatusesAsync(client))[other]));
        await service.UntilLoggedAsync($"{hung} hangs");
        var metrics = await client.GetStringAsync(new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Contains($"lora_recycle_device_up{{device=\"{hung}\"}} 0\n", metrics, StringComparison.Ordinal);
        Assert.Contains($"lora_recycle_device_up{{device=\"{other}\"}} 1\n", metrics, StringComparison.Ordinal);
        await (await PostAsync(client, 1)).AnswerAsync();

        service.On(hung).Open();
        await ControlledService.UntilAsync(() => StatusesAsync(client).Result[hung] == "ready", () => "the device to be back");
        Assert.Equal("Healthy", (await ReadyAsync(client, HttpStatusCode.OK)).GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_device_that_cannot_load_the_model_leaves_the_others_serving()
    {
        await using var service = new ControlledService(closed: true, Two);
        using var client = service.CreateClient();
        service.On("cpu#2").OnBatch = _ => throw new InvalidOperationException("no such device");
        service.Model.Open();
        service.On("cpu#2").Open();
        await (await PostAsync(client, 0)).AnswerAsync();

        Assert.Equal("lost", (await StatusesAsync(client))["cpu#2"]);
        Assert.Equal("Degraded", (await ReadyAsync(client, HttpStatusCode.OK)).GetProperty("status").GetString());
        await service.UntilLoggedAsync("cpu#2 cannot serve");
    }

    [Fact]
    public async Task A_meta_lora_becomes_active_on_every_device_and_one_that_hangs_does_not_keep_it()
    {
        using var folder = new MetaLoraFolder().Add("one", seed: 1).Add("two", seed: 2);
        await using var service = new ControlledService(Two, ("Models:MetaLoras", folder.Path), ("Health:Deadline", "00:00:00.5"));
        using var client = service.CreateClient();
        await service.Embedder.Model;
        using (var activated = await client.PutAsJsonAsync("/meta-loras/active", new { id = "one" }, TestContext.Current.CancellationToken))
            await activated.AnswerAsync();
        Assert.Equal(["none", "one"], service.Model.Made.Select(adapter => adapter.Id));
        Assert.Equal(["none", "one"], service.On("cpu#2").Made.Select(adapter => adapter.Id));

        service.On("cpu#2").Close();
        using (var activated = await client.PutAsJsonAsync("/meta-loras/active", new { id = "two" }, TestContext.Current.CancellationToken))
            Assert.Equal("two", (await activated.AnswerAsync()).GetProperty("id").GetString());
        Assert.Equal("two", (await (await PostAsync(client, 0)).AnswerAsync()).GetProperty("model").GetProperty("metaLora").GetString());
    }

    [Fact]
    public async Task One_that_a_working_device_cannot_put_on_does_not_become_active()
    {
        using var folder = new MetaLoraFolder().Add("one", seed: 1);
        await using var service = new ControlledService(Two, ("Models:MetaLoras", folder.Path));
        using var client = service.CreateClient();
        await service.Embedder.Model;
        service.On("cpu#2").OnMake = _ => throw new InvalidDataException("no room");
        using var failed = await client.PutAsJsonAsync("/meta-loras/active", new { id = "one" }, TestContext.Current.CancellationToken);
        await failed.IsProblemAsync(503, "meta-lora-unavailable");

        Assert.Equal("none", (await (await PostAsync(client, 0)).AnswerAsync()).GetProperty("model").GetProperty("metaLora").GetString());
    }

    [Fact]
    public async Task A_shutdown_finishes_what_every_device_has_and_what_waits()
    {
        await using var service = new ControlledService(Two, ("Serving:MaxBatch", "1"));
        using var client = service.CreateClient();
        await service.Embedder.Model;
        service.Model.Close();
        service.On("cpu#2").Close();
        var requests = Enumerable.Range(0, 4).Select(number => PostAsync(client, number)).ToArray();
        await service.UntilWaitingAsync((4 * 3) - 2);
        service.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        service.Model.Open();
        service.On("cpu#2").Open();

        foreach (var response in await Task.WhenAll(requests))
            await response.AnswerAsync();
        await ControlledService.UntilAsync(
            () => service.Model.IsDisposed && service.On("cpu#2").IsDisposed,
            () => "both models to be disposed of"
        );
    }

    [Fact]
    public async Task A_device_that_hangs_does_not_keep_the_server_from_ending()
    {
        await using var service = new ControlledService(("Health:Deadline", "00:00:00.5"));
        await service.Embedder.Model;
        service.Model.Close();
        var devices = service.Services.GetRequiredService<ServingDevices>();
        var probe = devices.All.Single().ProbeAsync(ServedAdapter.None, CancellationToken.None);
        await service.Model.Entered.Task;
        await devices.StopAsync(TestContext.Current.CancellationToken);

        Assert.False(probe.IsCompleted);
        await service.UntilLoggedAsync("cpu did not end its forward pass");
        service.Model.Open();
        await probe;
    }

    [Theory]
    [InlineData("cpu", "cpu")]
    [InlineData("cpu,cpu,cpu", "cpu cpu#2 cpu#3")]
    [InlineData("cuda:1,cuda:0", "cuda:1 cuda:0")]
    public void Devices_are_named_as_they_are_listed_and_numbered_when_they_are_listed_twice(string list, string names) =>
        Assert.Equal(names, string.Join(' ', ServingDevice.Of(new ServingOptions { Device = list }).Select(device => device.Name)));

    [Fact]
    public void Models_that_share_the_processors_share_their_threads()
    {
        Assert.Equal(0, ServingDevice.Of(new ServingOptions { Device = "cpu" }).Single().Threads);
        Assert.All(
            ServingDevice.Of(new ServingOptions { Device = "cpu,cpu" }),
            device => Assert.Equal(Math.Max(1, Environment.ProcessorCount / 2), device.Threads)
        );
        Assert.All(ServingDevice.Of(new ServingOptions { Device = "cpu,cpu", Threads = 3 }), device => Assert.Equal(3, device.Threads));
    }
}
