using LoraRecycle.Service.Keys;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Metrics;

/// <summary>For Prometheus.</summary>
internal static class MetricsEndpoints
{
    public static IServiceCollection AddMetricsExport(this IServiceCollection services) => services
        .AddSingleton<MetricsCollection>()
        .AddHostedService(provider => provider.GetRequiredService<MetricsCollection>());

    public static IEndpointRouteBuilder MapMetrics(this IEndpointRouteBuilder app)
    {
        var metrics = app.MapGet("/metrics", Scrape).DisableRateLimiting().DisableHttpMetrics().ExcludeFromDescription();
        // A key of any scope otherwise: Prometheus can send one, and who reads them learns how much the service is used.
        _ = app.ServiceProvider.GetRequiredService<IOptions<SecurityOptions>>().Value.OpenMetrics ? metrics.AllowAnonymous() : metrics.RequireAuthorization();
        return app;
    }

    private static ContentHttpResult Scrape(MetricsCollection collection) => TypedResults.Text(collection.Scrape(), PrometheusText.ContentType);
}
