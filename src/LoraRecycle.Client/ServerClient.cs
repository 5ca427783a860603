using System.Net;
using LoraRecycle.Client.Contracts;

namespace LoraRecycle.Client;

/// <summary>The service itself.</summary>
public sealed class ServerClient
{
    private readonly Connection _connection;

    internal ServerClient(Connection connection) => _connection = connection;

    /// <summary>Lists the foundation models, with their devices and loaded meta-LoRAs.</summary>
    /// <param name="cancellationToken">Gives the request up.</param>
    public Task<ModelsResponse> ListModelsAsync(CancellationToken cancellationToken = default) =>
        _connection.GetAsync("models", ClientJson.Default.ModelsResponse, cancellationToken);

    /// <summary>Gets the limits of one request.</summary>
    /// <param name="cancellationToken">Gives the request up.</param>
    public Task<LimitsResponse> GetLimitsAsync(CancellationToken cancellationToken = default) =>
        _connection.GetAsync("limits", ClientJson.Default.LimitsResponse, cancellationToken);

    /// <summary>Lists the photographs that come with the service, by class.</summary>
    /// <param name="cancellationToken">Gives the request up.</param>
    public Task<SamplesResponse> ListSamplesAsync(CancellationToken cancellationToken = default) =>
        _connection.GetAsync("samples", ClientJson.Default.SamplesResponse, cancellationToken);

    /// <summary>Gets a photograph that comes with the service.</summary>
    /// <param name="label">Its class.</param>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Gives the request up.</param>
    /// <returns>JPEG.</returns>
    public Task<byte[]> GetSampleAsync(string label, string name, CancellationToken cancellationToken = default) =>
        _connection.BytesAsync(Call.PathOf("samples", label, name), cancellationToken);

    /// <summary>Checks that the process answers.</summary>
    /// <param name="cancellationToken">Gives the request up.</param>
    public Task<HealthResponse> GetLiveAsync(CancellationToken cancellationToken = default) =>
        _connection.GetAsync("healthz/live", ClientJson.Default.HealthResponse, cancellationToken);

    /// <summary>Checks that the model is loaded and its devices work.</summary>
    /// <param name="cancellationToken">Gives the request up.</param>
    /// <returns>"Healthy" and "Degraded" can classify; "Unhealthy" cannot, or not yet, which is an answer and no exception.</returns>
    public Task<HealthResponse> GetReadyAsync(CancellationToken cancellationToken = default) =>
        _connection.SendAsync(
            new Call(HttpMethod.Get, "healthz/ready") { Also = HttpStatusCode.ServiceUnavailable },
            ClientJson.Default.HealthResponse,
            cancellationToken
        );

    /// <summary>Lists the last errors of the service's process, latest first.</summary>
    /// <param name="cancellationToken">Gives the request up.</param>
    public Task<ServerErrorsResponse> ListErrorsAsync(CancellationToken cancellationToken = default) =>
        _connection.GetAsync("errors", ClientJson.Default.ServerErrorsResponse, cancellationToken);

    /// <summary>Gets the service's metrics.</summary>
    /// <param name="cancellationToken">Gives the request up.</param>
    /// <returns>Prometheus's text format.</returns>
    public Task<string> GetMetricsAsync(CancellationToken cancellationToken = default) =>
        _connection.TextAsync("metrics", cancellationToken);
}
