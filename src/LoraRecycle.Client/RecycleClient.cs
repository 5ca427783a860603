using System.Globalization;
using System.Runtime.CompilerServices;
using LoraRecycle.Client.Contracts;
using LoraRecycle.Client.Http;

namespace LoraRecycle.Client;

/// <summary>Recycling: jobs that make one meta-LoRA of many LoRAs.</summary>
public sealed class RecycleClient
{
    private readonly Connection _connection;

    internal RecycleClient(Connection connection) => _connection = connection;

    /// <summary>Starts a job. The service checks the whole request before it accepts it.</summary>
    /// <param name="request">What to recycle.</param>
    /// <param name="cancellationToken">Gives the request up, not the job.</param>
    public Task<JobSummary> StartAsync(RecycleRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return _connection.SendAsync(
            new Call(HttpMethod.Post, "recycle") { Json = Call.Body(request, ClientJson.Default.RecycleRequest) },
            ClientJson.Default.JobSummary,
            cancellationToken
        );
    }

    /// <summary>Lists jobs, latest first.</summary>
    /// <param name="limit">How many to get with one request, 1 to 200.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public IAsyncEnumerable<JobSummary> ListAsync(int limit = 50, CancellationToken cancellationToken = default) =>
        _connection.PagesAsync(
            before => $"recycle{QueryText.Of(("limit", $"{limit}"), ("before", before))}",
            ClientJson.Default.JobsResponse,
            page => page.Jobs,
            page => page.Next,
            cancellationToken
        );

    /// <summary>Gets the progress and the result of a job.</summary>
    /// <param name="id">The job's id.</param>
    /// <param name="cancellationToken">Gives the request up.</param>
    public Task<JobResponse> GetAsync(string id, CancellationToken cancellationToken = default) =>
        _connection.GetAsync(Call.PathOf("recycle", id), ClientJson.Default.JobResponse, cancellationToken);

    /// <summary>Follows a job to its end, event by event, over broken connections and restarts of the service.</summary>
    /// <param name="id">The job's id.</param>
    /// <param name="after">The number of the last event that is known already; 0 for none.</param>
    /// <param name="cancellationToken">Stops following; the job goes on.</param>
    /// <returns>Each event once, in order. The last one is a <see cref="StateEvent"/> that is final.</returns>
    /// <exception cref="HttpRequestException">The service was away for longer than <see cref="ClientOptions.RetryFor"/>.</exception>
    public async IAsyncEnumerable<JobEvent> FollowAsync(
        string id,
        long after = 0,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        using var events = new JobEventStream(_connection, "recycle", id, after);
        while (await events.NextAsync(cancellationToken).ConfigureAwait(false) is { } next)
            yield return next;
    }

    /// <summary>Waits for a job to end.</summary>
    /// <param name="id">The job's id.</param>
    /// <param name="cancellationToken">Stops waiting; the job goes on.</param>
    /// <returns>The job as it ended: look at its state.</returns>
    public async Task<JobResponse> WaitAsync(string id, CancellationToken cancellationToken = default)
    {
        using var events = new JobEventStream(_connection, "recycle", id, after: 0);
        await events.EndAsync(cancellationToken).ConfigureAwait(false);
        return await GetAsync(id, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Cancels an active job, or removes an ended one and its files. The meta-LoRA that it made stays.</summary>
    /// <param name="id">The job's id.</param>
    /// <param name="cancellationToken">Gives the request up.</param>
    /// <returns>The job, which ends within a second or two; null for an ended one, which is gone.</returns>
    public Task<JobSummary?> DeleteAsync(string id, CancellationToken cancellationToken = default) =>
        _connection.EndAsync(Call.PathOf("recycle", id), ClientJson.Default.JobSummary, cancellationToken);

    /// <summary>Lists the synthetic images that a job has made so far, LoRA by LoRA and class by class.</summary>
    /// <param name="id">The job's id.</param>
    /// <param name="from">The number of the first one.</param>
    /// <param name="limit">How many to get with one request, 1 to 1000.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public IAsyncEnumerable<JobImage> ListImagesAsync(
        string id,
        int from = 0,
        int limit = 200,
        CancellationToken cancellationToken = default
    ) =>
        _connection.PagesAsync(
            next => $"{Call.PathOf("recycle", id, "images")}{QueryText.Of(("from", next ?? $"{from}"), ("limit", $"{limit}"))}",
            ClientJson.Default.JobImagesResponse,
            page => page.Images,
            page => page.Next?.ToString(CultureInfo.InvariantCulture),
            cancellationToken
        );

    /// <summary>Gets a synthetic image.</summary>
    /// <param name="id">The job's id.</param>
    /// <param name="number">The image's number.</param>
    /// <param name="cancellationToken">Gives the request up.</param>
    /// <returns>PNG.</returns>
    public Task<byte[]> GetImageAsync(string id, int number, CancellationToken cancellationToken = default) =>
        _connection.BytesAsync(Call.PathOf("recycle", id, "images", $"{number}.png"), cancellationToken);

    /// <summary>Gets the mask of a synthetic image: kept patches are white.</summary>
    /// <param name="id">The job's id.</param>
    /// <param name="number">The image's number.</param>
    /// <param name="masked">The share of patches to mask; null for those that token pruning dropped, or half where it dropped none.</param>
    /// <param name="cancellationToken">Gives the request up.</param>
    /// <returns>PNG.</returns>
    public Task<byte[]> GetMaskAsync(string id, int number, double? masked = null, CancellationToken cancellationToken = default)
    {
        var query = QueryText.Of(("masked", masked?.ToString(CultureInfo.InvariantCulture)));
        return _connection.BytesAsync($"{Call.PathOf("recycle", id, "masks", $"{number}.png")}{query}", cancellationToken);
    }

    /// <summary>Lists the data sets on which a result can be evaluated.</summary>
    /// <param name="cancellationToken">Gives the request up.</param>
    public Task<DataSetsResponse> ListDataSetsAsync(CancellationToken cancellationToken = default) =>
        _connection.GetAsync("data-sets", ClientJson.Default.DataSetsResponse, cancellationToken);
}
