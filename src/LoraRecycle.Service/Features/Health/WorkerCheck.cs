using LoraRecycle.Service.Features.Recycling;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LoraRecycle.Service.Features.Health;

/// <summary>Healthy when this worker takes units: the database is there, and the last look at it succeeded.</summary>
internal sealed class WorkerCheck(JobWorker worker) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(
            worker.IsWorking
                ? HealthCheckResult.Healthy("The worker takes units of recycling jobs.")
                : HealthCheckResult.Unhealthy("The database is not available; the worker will try again.")
        );
}
