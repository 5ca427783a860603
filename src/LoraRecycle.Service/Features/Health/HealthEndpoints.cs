using LoraRecycle.Service.Platform.Http.Bodies;
using LoraRecycle.Service.Platform.Startup;
using LoraRecycle.Service.Serving.Configuration;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LoraRecycle.Service.Features.Health;

/// <summary>For orchestrators: whether the process answers, and whether it can classify. They have no keys, so none is asked for.</summary>
internal static class HealthEndpoints
{
    private const string Ready = "ready";

    /// <param name="services">What it is added to.</param>
    /// <param name="serves">Whether the process answers requests; a worker is ready when it takes units.</param>
    public static IServiceCollection AddHealth(this IServiceCollection services, bool serves)
    {
        services.AddValidatedOptions<HealthOptions>(HealthOptions.Section).AddJson(HealthJson.Default).AddSingleton<ForwardPassCheck>();
        var checks = services.AddHealthChecks();
        _ = serves ? checks.AddCheck<ForwardPassCheck>("model", tags: [Ready]) : checks.AddCheck<WorkerCheck>("worker", tags: [Ready]);
        return services;
    }

    public static IEndpointRouteBuilder MapHealth(this IEndpointRouteBuilder app)
    {
        var health = app.MapGroup("/healthz").WithTags("Health").AllowAnonymous().DisableRateLimiting();
        health
            .MapGet("/live", () => TypedResults.Ok(new HealthResponse("Healthy", new Dictionary<string, string>())))
            .WithName("Live")
            .WithSummary("Checks that the process answers");
        health
            .MapGet("/ready", ReadyAsync)
            .WithName("Ready")
            .WithSummary("Checks that the model is loaded and warm, and that its devices do a forward pass within the deadline")
            .WithDescription(
                "When only some of the devices do, the status is Degraded and the answer still 200; the checks name the devices."
            )
            .Produces<HealthResponse>(StatusCodes.Status503ServiceUnavailable);
        health.MapGet("/", ReadyAsync).ExcludeFromDescription(); // where some look first
        return app;
    }

    private static async Task<Results<Ok<HealthResponse>, JsonHttpResult<HealthResponse>>> ReadyAsync(
        HealthCheckService checks,
        CancellationToken cancellation
    )
    {
        var report = await checks.CheckHealthAsync(check => check.Tags.Contains(Ready), cancellation);
        var found = report
            .Entries.Select(entry => KeyValuePair.Create(entry.Key, entry.Value.Description ?? entry.Value.Status.ToString()))
            .Concat(
                report.Entries.SelectMany(entry => entry.Value.Data).Select(part => KeyValuePair.Create(part.Key, part.Value.ToString()!))
            );
        var response = new HealthResponse(report.Status.ToString(), new Dictionary<string, string>(found));
        return report.Status != HealthStatus.Unhealthy
            ? TypedResults.Ok(response)
            : TypedResults.Json(response, statusCode: StatusCodes.Status503ServiceUnavailable);
    }
}

/// <summary>The state of the server.</summary>
/// <param name="Status">"Healthy", "Degraded" or "Unhealthy".</param>
/// <param name="Checks">The result of each check: the model, and each device by name.</param>
public sealed record HealthResponse(string Status, IReadOnlyDictionary<string, string> Checks);
