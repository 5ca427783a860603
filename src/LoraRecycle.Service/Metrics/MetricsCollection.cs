using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace LoraRecycle.Service.Metrics;

/// <summary>Listens to the instruments of the service, the web server and the runtime from the start, and shows what they said.</summary>
internal sealed class MetricsCollection : IHostedService, IDisposable
{
    private readonly PrometheusExporter _exporter = new();
    private readonly MeterProvider _provider;

    public MetricsCollection() => _provider = Sdk.CreateMeterProviderBuilder()
        .AddMeter(ServiceMeter.Name, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.AspNetCore.RateLimiting", "System.Runtime")
        // Few labels, all of them of few values: what a client sends must not become a series.
        .AddView("http.server.request.duration", new ExplicitBucketHistogramConfiguration
        {
            TagKeys = ["http.request.method", "http.route", "http.response.status_code"],
            Boundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
        })
        .AddReader(new BaseExportingMetricReader(_exporter))
        .Build();

    public string Scrape() => _exporter.Scrape();

    // Being made is the start; the host makes it before the first request.
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _provider.Dispose();
}
