using System.Net.Http.Json;
using static TorchSharp.torch;

namespace LoraRecycle.Service.Tests.Serving;

/// <summary>A model that asks libtorch for more memory than there is, as one does on a device that is too small for a batch.</summary>
public sealed class OutOfMemoryTests
{
    /// <summary>Asks for a pebibyte where a batch is larger than it may be, so that what is thrown is what libtorch throws.</summary>
    private static ControlledService Start(int most, params (string, string)[] settings)
    {
        var service = new ControlledService(settings);
        service.Model.OnBatch = images =>
        {
            if (images.Count > most)
                zeros([1L << 48]).Dispose();
        };
        return service;
    }

    private static object Episode(int images) => new
    {
        support = new[]
        {
            EpisodeRequests.Class("cup", [.. Enumerable.Range(0, images - 2).Select(i => Photographs.Base64("cup", i))]),
            EpisodeRequests.Class("chair", Photographs.Base64("chair", 0)),
        },
        queries = new[] { Photographs.Base64("chair", 1) },
    };

    [Fact]
    public async Task A_batch_that_does_not_fit_is_halved_until_it_does_and_gets_the_same_answer()
    {
        await using var roomy = Start(most: 100);
        await using var tight = Start(most: 3);
        using var roomyClient = roomy.CreateClient();
        using var client = tight.CreateClient();

        Assert.Equal((await roomyClient.ClassifyAsync(Episode(10))).Predictions(), (await client.ClassifyAsync(Episode(10))).Predictions());
        Assert.Equal([1, 10, 5, 3, 2, 5, 3, 2], tight.Model.Batches);
        Assert.Contains(
            "lora_recycle_batch_splits_total{device=\"cpu\"} 3\n",
            await client.GetStringAsync(new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Later_batches_are_as_large_as_fits_and_grow_again_when_many_fitted()
    {
        await using var service = Start(most: 2, ("Cache:Bytes", "0"));
        using var client = service.CreateClient();
        await client.ClassifyAsync(Episode(8));
        var before = service.Model.Batches.Length;
        await client.ClassifyAsync(Episode(8));
        Assert.Equal([2, 2, 2, 2], service.Model.Batches[before..]);

        service.Model.OnBatch = _ => { };
        for (var request = 0; request < 20; request++)
            await client.ClassifyAsync(Episode(8));
        Assert.True(service.Model.Batches[^1] > 2);
    }

    [Fact]
    public async Task A_device_without_room_for_one_image_is_a_problem_of_its_own_and_the_server_goes_on()
    {
        await using var service = Start(most: 0);
        service.Model.OnBatch = _ => { };
        using var client = service.CreateClient();
        await service.Embedder.Model;
        service.Model.OnBatch = _ => zeros([1L << 48]).Dispose();
        using (var failed = await client.PostAsJsonAsync("/classify", Episode(4), TestContext.Current.CancellationToken))
        {
            await failed.IsProblemAsync(503, "out-of-memory");
            Assert.Equal("1", failed.Headers.GetValues("Retry-After").Single());
        }

        service.Model.OnBatch = _ => { };
        await client.ClassifyAsync(Episode(4));
    }
}
