using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using LoraRecycle.Client.Contracts;
using LoraRecycle.Client.Http;

namespace LoraRecycle.Client;

/// <summary>Tuning: jobs that make one LoRA of labelled images, for the market.</summary>
public sealed class TuneClient
{
    private const string Path = "tune";

    private readonly Connection _connection;

    internal TuneClient(Connection connection) => _connection = connection;

    /// <summary>Starts a job. The service checks the whole request before it accepts it.</summary>
    /// <param name="support">The images by class, of at least 2 classes.</param>
    /// <param name="name">The LoRA's name in the market; null for one of the job's.</param>
    /// <param name="method">One of <see cref="ListMethodsAsync"/>; null for plain LoRA.</param>
    /// <param name="heldOut">The share of each class's images to keep from tuning and test with, at least 0 and less than 1; null for 0.2.
    /// </param>
    /// <param name="options">Settings that count instead of the method's, by their names: <c>{ "steps": 100 }</c>.</param>
    /// <param name="cancellationToken">Gives the request up, not the job.</param>
    public Task<TuneJobSummary> StartAsync(
        SupportSet support,
        string? name = null,
        string? method = null,
        double? heldOut = null,
        JsonObject? options = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(support);
        return StartAsync(new Form().Add(support), name, method, heldOut, options, cancellationToken);
    }

    /// <summary>Starts a job on the images of a stored task, which are copied.</summary>
    /// <param name="task">The task's id.</param>
    /// <param name="name">The LoRA's name in the market; null for one of the job's.</param>
    /// <param name="method">One of <see cref="ListMethodsAsync"/>; null for plain LoRA.</param>
    /// <param name="heldOut">The share of each class's images to keep from tuning and test with, at least 0 and less than 1; null for 0.2.
    /// </param>
    /// <param name="options">Settings that count instead of the method's, by their names.</param>
    /// <param name="cancellationToken">Gives the request up, not the job.</param>
    public Task<TuneJobSummary> StartFromTaskAsync(
        string task,
        string? name = null,
        string? method = null,
        double? heldOut = null,
        JsonObject? options = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(task);
        return StartAsync(new Form().Add("task", task), name, method, heldOut, options, cancellationToken);
    }

    /// <summary>Lists the ways to tune, each with a sentence, its paper and its settings.</summary>
    /// <param name="cancellationToken">Gives the request up.</param>
    public Task<TuneMethodsResponse> ListMethodsAsync(CancellationToken cancellationToken = default) =>
        _connection.GetAsync(Call.PathOf(Path, "methods"), ClientJson.Default.TuneMethodsResponse, cancellationToken);

    /// <summary>Lists jobs, latest first.</summary>
    /// <param name="limit">How many to get with one request, 1 to 200.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public IAsyncEnumerable<TuneJobSummary> ListAsync(int limit = 50, CancellationToken cancellationToken = default) =>
        _connection.PagesAsync(
            before => $"{Path}{QueryText.Of(("limit", $"{limit}"), ("before", before))}",
            ClientJson.Default.TuneJobsResponse,
            page => page.Jobs,
            page => page.Next,
            cancellationToken
        );

    /// <summary>Gets the progress and the result of a job.</summary>
    /// <param name="id">The job's id.</param>
    /// <param name="cancellationToken">Gives the request up.</param>
    public Task<TuneJobResponse> GetAsync(string id, CancellationToken cancellationToken = default) =>
        _connection.GetAsync(Call.PathOf(Path, id), ClientJson.Default.TuneJobResponse, cancellationToken);

    /// <inheritdoc cref="RecycleClient.FollowAsync"/>
    public async IAsyncEnumerable<JobEvent> FollowAsync(
        string id,
        long after = 0,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        using var events = new JobEventStream(_connection, Path, id, after);
        while (await events.NextAsync(cancellationToken).ConfigureAwait(false) is { } next)
            yield return next;
    }

    /// <summary>Waits for a job to end.</summary>
    /// <param name="id">The job's id.</param>
    /// <param name="cancellationToken">Stops waiting; the job goes on.</param>
    /// <returns>The job as it ended: look at its state.</returns>
    public async Task<TuneJobResponse> WaitAsync(string id, CancellationToken cancellationToken = default)
    {
        using var events = new JobEventStream(_connection, Path, id, after: 0);
        await events.EndAsync(cancellationToken).ConfigureAwait(false);
        return await GetAsync(id, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Cancels an active job, or removes an ended one. The LoRA that it made stays in the market.</summary>
    /// <param name="id">The job's id.</param>
    /// <param name="cancellationToken">Gives the request up.</param>
    /// <returns>The job, which ends within a second or two; null for an ended one, which is gone.</returns>
    public Task<TuneJobSummary?> DeleteAsync(string id, CancellationToken cancellationToken = default) =>
        _connection.EndAsync(Call.PathOf(Path, id), ClientJson.Default.TuneJobSummary, cancellationToken);

    private Task<TuneJobSummary> StartAsync(
        Form form, string? name, string? method, double? heldOut, JsonObject? options, CancellationToken cancellationToken)
    {
        form.Add("name", name).Add("method", method).Add("heldOut", heldOut).Add("options", options?.ToJsonString());
        return _connection.SendAsync(
            new Call(HttpMethod.Post, Path) { Form = form }, ClientJson.Default.TuneJobSummary, cancellationToken);
    }
}
