using Microsoft.AspNetCore.Builder;

namespace LoraRecycle.Service.Tests.Serving;

/// <summary>The same episode gives the same answer whatever else the server is doing.</summary>
public sealed class DeterminismTests
{
    [Fact]
    public async Task An_episode_gets_the_same_answer_alone_in_company_in_any_batch_and_on_any_device()
    {
        // Without a cache every answer is computed anew, in whatever batches the requests happen to form.
        await using var service = await RunningService.StartAsync([
            .. RunningService.Shipped,
            "--Cache:Bytes",
            "0",
            "--Serving:Device",
            "cpu",
        ]);
        await using var small = await RunningService.StartAsync([
            .. RunningService.Shipped,
            "--Cache:Bytes",
            "0",
            "--Serving:MaxBatch",
            "3",
            "--Serving:Device",
            "cpu",
        ]);
        await using var two = await RunningService.StartAsync([
            .. RunningService.Shipped,
            "--Cache:Bytes",
            "0",
            "--Serving:MaxBatch",
            "5",
            "--Serving:Device",
            "cpu,cpu",
        ]);
        string[] labels = ["Motorbikes", "airplanes", "barrel", "chair", "cup", "dalmatian", "ewer", "hawksbill"];
        object Episode(int seed)
        {
            var random = new Random(seed);
            var classes = random.GetItems(labels, 1 + random.Next(5)).Append("cup").Append("ewer").Distinct();
            return new
            {
                support = classes.Select(label =>
                    EpisodeRequests.Class(label, [.. Enumerable.Range(0, 1 + random.Next(3)).Select(i => Photographs.Base64(label, i))])
                ),
                queries = Enumerable
                    .Range(0, 1 + random.Next(9))
                    .Select(i => Photographs.Base64(labels[random.Next(labels.Length)], random.Next(10))),
            };
        }
        using var client = Client(service);
        using var smallClient = Client(small);
        using var twoClient = Client(two);
        var alone = new string[6];
        for (var i = 0; i < alone.Length; i++)
            alone[i] = (await client.ClassifyAsync(Episode(i))).Predictions();

        var together = await Task.WhenAll(
            Enumerable.Range(0, alone.Length).Select(async i => (await client.ClassifyAsync(Episode(i))).Predictions())
        );
        var inSmallBatches = await Task.WhenAll(
            Enumerable.Range(0, alone.Length).Select(async i => (await smallClient.ClassifyAsync(Episode(i))).Predictions())
        );
        var onTwoDevices = await Task.WhenAll(
            Enumerable.Range(0, alone.Length).Select(async i => (await twoClient.ClassifyAsync(Episode(i))).Predictions())
        );

        Assert.Equal(alone, together);
        Assert.Equal(alone, onTwoDevices);
        Assert.Equal(alone, inSmallBatches);
    }

    private static HttpClient Client(WebApplication app) => new() { BaseAddress = new Uri(app.Urls.Single()) };
}
