using LoraRecycle.Client.Contracts;

namespace LoraRecycle.Client;

/// <summary>Meta-LoRAs: what recycling makes, merged into the model that answers.</summary>
public sealed class MetaLorasClient
{
    private readonly Connection _connection;

    internal MetaLorasClient(Connection connection) => _connection = connection;

    /// <summary>Lists the meta-LoRAs, and says which is active.</summary>
    /// <param name="cancellationToken">Gives the request up.</param>
    public Task<MetaLorasResponse> ListAsync(CancellationToken cancellationToken = default) =>
        _connection.GetAsync("meta-loras", ClientJson.Default.MetaLorasResponse, cancellationToken);

    /// <summary>Gets one meta-LoRA.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="cancellationToken">Gives the request up.</param>
    public Task<MetaLoraResponse> GetAsync(string id, CancellationToken cancellationToken = default) =>
        _connection.GetAsync(Call.PathOf("meta-loras", id), ClientJson.Default.MetaLoraResponse, cancellationToken);

    /// <summary>Gets the files of one as a zip archive: a PEFT directory with its calibration.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="cancellationToken">Gives the request up.</param>
    public Task<byte[]> DownloadAsync(string id, CancellationToken cancellationToken = default) =>
        _connection.BytesAsync(Call.PathOf("meta-loras", id, "archive"), cancellationToken);

    /// <summary>Says which one answers requests that name none.</summary>
    /// <param name="cancellationToken">Gives the request up.</param>
    public Task<ActiveMetaLoraResponse> GetActiveAsync(CancellationToken cancellationToken = default) =>
        _connection.GetAsync("meta-loras/active", ClientJson.Default.ActiveMetaLoraResponse, cancellationToken);

    /// <summary>Makes another one active. Requests in progress finish with the one that they started with.</summary>
    /// <param name="id">Its id; "none" for the bare model.</param>
    /// <param name="cancellationToken">Gives the request up.</param>
    public Task<ActiveMetaLoraResponse> ActivateAsync(string id, CancellationToken cancellationToken = default) =>
        _connection.SendAsync(
            new Call(HttpMethod.Put, "meta-loras/active")
            {
                Json = Call.Body(new ActivateMetaLoraRequest(id), ClientJson.Default.ActivateMetaLoraRequest),
                IsSafe = true, // active is active
            },
            ClientJson.Default.ActiveMetaLoraResponse,
            cancellationToken
        );

    /// <summary>Removes one that a job made and that nothing uses.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="cancellationToken">Gives the request up.</param>
    public Task DeleteAsync(string id, CancellationToken cancellationToken = default) =>
        _connection.DoAsync(new Call(HttpMethod.Delete, Call.PathOf("meta-loras", id)), cancellationToken);
}
