using LoraRecycle.Service.Platform.Security;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;

namespace LoraRecycle.Service.Platform.Observability.Metrics;

/// <summary>For Prometheus.</summary>
internal static class MetricsEndpoints
{
    /// <summary>The instruments of the service, the web server and the runtime, listened to from the start.</summary>
    public static IServiceCollection AddMetricsExport(this IServiceCollection services)
    {
        services.AddSingleton<PrometheusExporter>().AddOpenTelemetry().WithMetrics(metrics => metrics
            .AddMeter(ServiceMeter.Name, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel")
            .AddMeter("Microsoft.AspNetCore.RateLimiting", "System.Runtime")
            // Few labels, all of them of few values: what a client sends must not become a series.
            .AddView("http.server.request.duration", new ExplicitBucketHistogramConfiguration
            {
                TagKeys = ["http.request.method", "http.route", "http.response.status_code"],
                Boundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
            })
            .AddReader(provider => new BaseExportingMetricReader(provider.GetRequiredService<PrometheusExporter>())));
        return services;
    }

    public static IEndpointRouteBuilder MapMetrics(this IEndpointRouteBuilder app)
    {
        var metrics = app.MapGet("/metrics", Scrape).DisableRateLimiting().DisableHttpMetrics().ExcludeFromDescription();
        // A key of any scope otherwise: Prometheus can send one, and who reads them learns how much the service is used.
        _ = app.ServiceProvider.GetRequiredService<IOptions<SecurityOptions>>().Value.OpenMetrics
            ? metrics.AllowAnonymous()
            : metrics.RequireAuthorization();
        return app;
    }

    private static ContentHttpResult Scrape(PrometheusExporter exporter) =>
        TypedResults.Text(exporter.Scrape(), PrometheusText.ContentType);
}
