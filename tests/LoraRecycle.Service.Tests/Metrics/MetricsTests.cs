using LoraRecycle.Service.Tests.Keys;

namespace LoraRecycle.Service.Tests.Metrics;

public sealed class MetricsTests
{
    private static async Task<PrometheusPage> ScrapeAsync(KeyedService service)
    {
        using var response = await service.GetAsync("/metrics");
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        return PrometheusPage.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task What_was_asked_is_counted_by_route_and_status_and_what_it_cost()
    {
        await using var service = await KeyedService.StartAsync();
        var before = await ScrapeAsync(service);
        await service.Client.ClassifyAsync(EpisodeRequests.CupsAndChairs());
        await service.Client.ClassifyAsync(EpisodeRequests.CupsAndChairs());
        using (var missing = await service.GetAsync("/meta-loras/missing"))
            Assert.Equal(404, (int)missing.StatusCode);

        PrometheusPage after = before;
        double Grown(string name, params string[] labels) => after.Sum(name, labels) - before.Sum(name, labels);
        // A request is counted once it has ended, which is just after its answer.
        await Serving.ControlledService.UntilAsync(
            () =>
                (after = ScrapeAsync(service).Result).Samples.Count > 0
                && Grown(
                    "http_server_request_duration_seconds_count",
                    "http_route=\"/meta-loras/{id}\"",
                    "http_response_status_code=\"404\""
                ) >= 1,
            () => "the requests to be counted"
        );

        Assert.Equal(
            2,
            Grown(
                "http_server_request_duration_seconds_count",
                "http_route=\"/classify\"",
                "http_response_status_code=\"200\"",
                "http_request_method=\"POST\""
            )
        );
        Assert.Equal((5, 5), (Grown("lora_recycle_cache_misses_total"), Grown("lora_recycle_cache_hits_total")));
        Assert.Equal(5, Grown("lora_recycle_batch_images_sum"));
        Assert.True(after.Sum("lora_recycle_cache_size_bytes") > 0);
        Assert.Equal(0, after.Sum("lora_recycle_queue_images"));
        Assert.Equal("counter", after.Types["lora_recycle_cache_hits_total"]);
        Assert.True(after.Sum("dotnet_process_memory_working_set_bytes") > 0);
    }

    [Fact]
    public async Task Buckets_are_cumulative_and_end_in_all_of_them()
    {
        await using var service = await KeyedService.StartAsync();
        await service.Client.ClassifyAsync(EpisodeRequests.CupsAndChairs());
        var page = await ScrapeAsync(service);

        foreach (var family in page.Types.Where(type => type.Value == "histogram").Select(type => type.Key))
        {
            foreach (
                var series in page
                    .Samples.Where(sample => sample.Key.StartsWith($"{family}_bucket", StringComparison.Ordinal))
                    .GroupBy(sample => sample.Key.Split("le=")[0])
            )
            {
                Assert.Equal(series.Select(sample => sample.Value).Order(), series.Select(sample => sample.Value));
                Assert.EndsWith("le=\"+Inf\"}", series.Last().Key, StringComparison.Ordinal);
            }
            Assert.Equal(page.Sum($"{family}_count"), page.Sum($"{family}_bucket", "le=\"+Inf\""));
        }
    }

    [Fact]
    public async Task A_key_of_any_scope_reads_them_or_nobody_needs_one()
    {
        await using var service = await KeyedService.StartAsync();
        var token = service.Store.Create("prometheus", ["market"]).Token;
        using var refused = await service.GetAsync("/metrics");
        using var read = await service.GetAsync("/metrics", token);
        Assert.Equal((401, 200), ((int)refused.StatusCode, (int)read.StatusCode));

        await using var open = await KeyedService.StartAsync(store => store.Create("shop", ["classify"]), "--Security:OpenMetrics=true");
        await ScrapeAsync(open);
    }
}
