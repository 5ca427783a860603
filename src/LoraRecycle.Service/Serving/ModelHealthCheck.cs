using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LoraRecycle.Service.Serving;

/// <summary>Healthy when the model has done its first forward pass.</summary>
internal sealed class ModelHealthCheck(IImageEmbedder embedder) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(embedder.Model switch
        {
            { IsCompletedSuccessfully: true, Result: var model } => HealthCheckResult.Healthy($"{model.Id} is ready on {model.Device}."),
            { IsCompleted: true } => HealthCheckResult.Unhealthy("The model could not be loaded."),
            _ => HealthCheckResult.Unhealthy("The model is being loaded."),
        });
}
