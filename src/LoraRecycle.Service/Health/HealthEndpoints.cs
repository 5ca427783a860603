using LoraRecycle.Service.Configuration;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LoraRecycle.Service.Health;

/// <summary>For orchestrators: whether the process answers, and whether it can classify. They have no keys, so none is asked for.</summary>
internal static class HealthEndpoints
{
    private const string Ready = "ready";

    public static IServiceCollection AddHealth(this IServiceCollection services)
    {
        services.AddValidatedOptions<HealthOptions>(HealthOptions.Section).AddSingleton<ForwardPassCheck>();
        services.AddHealthChecks().AddCheck<ForwardPassCheck>("model", tags: [Ready]);
        return services;
    }

    public static IEndpointRouteBuilder MapHealth(this IEndpointRouteBuilder app)
    {
        var health = app.MapGroup("/healthz").WithTags("Health").AllowAnonymous().DisableRateLimiting();
        health.MapGet("/live", () => TypedResults.Ok(new HealthResponse("Healthy", new Dictionary<string, string>())))
            .WithName("Live").WithSummary("Whether the process answers at all");
        health.MapGet("/ready", ReadyAsync)
            .WithName("Ready").WithSummary("Whether the model is loaded and warm, and its device does a forward pass within the deadline")
            .Produces<HealthResponse>(StatusCodes.Status503ServiceUnavailable);
        health.MapGet("/", ReadyAsync).ExcludeFromDescription(); // where some look first
        return app;
    }

    private static async Task<Results<Ok<HealthResponse>, JsonHttpResult<HealthResponse>>> ReadyAsync(HealthCheckService checks, CancellationToken cancellation)
    {
        var report = await checks.CheckHealthAsync(check => check.Tags.Contains(Ready), cancellation);
        var response = new HealthResponse(
            report.Status.ToString(), report.Entries.ToDictionary(entry => entry.Key, entry => entry.Value.Description ?? entry.Value.Status.ToString()));
        return report.Status == HealthStatus.Healthy
            ? TypedResults.Ok(response)
            : TypedResults.Json(response, statusCode: StatusCodes.Status503ServiceUnavailable);
    }
}

/// <summary>The state of the server.</summary>
/// <param name="Status">"Healthy", "Degraded" or "Unhealthy".</param>
/// <param name="Checks">What was looked at, and what was found.</param>
public sealed record HealthResponse(string Status, IReadOnlyDictionary<string, string> Checks);
