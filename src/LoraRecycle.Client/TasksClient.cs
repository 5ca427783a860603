using System.Globalization;
using LoraRecycle.Client.Contracts;
using LoraRecycle.Client.Http;

namespace LoraRecycle.Client;

/// <summary>Stored tasks: support sets that the service keeps, so that a request sends only its queries.</summary>
public sealed class TasksClient
{
    private const string IfMatch = "If-Match";

    private readonly Connection _connection;

    internal TasksClient(Connection connection) => _connection = connection;

    /// <summary>Stores a support set.</summary>
    /// <param name="support">The examples by class, of at least 2 classes.</param>
    /// <param name="name">A name to show, at most 100 characters.</param>
    /// <param name="metaLora">The id of the meta-LoRA that the task stays with; "none" for the bare model; null to follow the active one.
    /// </param>
    /// <param name="reject">The share of known queries that may be rejected, above 0 and at most 0.5; null for no rejection.</param>
    /// <param name="cancellationToken">Gives the request up.</param>
    public Task<TaskResponse> CreateAsync(
        SupportSet support,
        string? name = null,
        string? metaLora = null,
        double? reject = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(support);
        var form = new Form().Add(support).Add("name", name).Add("metaLora", metaLora).Add("reject", reject);
        return TaskAsync(new Call(HttpMethod.Post, "tasks") { Form = form }, cancellationToken);
    }

    /// <summary>Lists the stored tasks in the order in which they were stored.</summary>
    /// <param name="limit">How many to get with one request, 1 to 1000.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public IAsyncEnumerable<TaskSummary> ListAsync(int limit = 100, CancellationToken cancellationToken = default) =>
        _connection.PagesAsync(
            after => $"tasks{QueryText.Of(("limit", $"{limit}"), ("after", after))}",
            ClientJson.Default.TasksResponse,
            page => page.Tasks,
            page => page.Next,
            cancellationToken
        );

    /// <summary>Gets a stored task and its contents.</summary>
    /// <param name="id">The task's id.</param>
    /// <param name="cancellationToken">Gives the request up.</param>
    public Task<TaskResponse> GetAsync(string id, CancellationToken cancellationToken = default) =>
        TaskAsync(new Call(HttpMethod.Get, Call.PathOf("tasks", id)), cancellationToken);

    /// <summary>Gets an image of a stored task, as it was sent.</summary>
    /// <param name="id">The task's id.</param>
    /// <param name="image">The image's id.</param>
    /// <param name="cancellationToken">Gives the request up.</param>
    public Task<byte[]> GetImageAsync(string id, long image, CancellationToken cancellationToken = default) =>
        _connection.BytesAsync(Call.PathOf("tasks", id, "images", image.ToString(CultureInfo.InvariantCulture)), cancellationToken);

    /// <summary>Changes a stored task, as a correction does: it is then the same as a new task with those images.</summary>
    /// <param name="id">The task's id.</param>
    /// <param name="change">What to drop and to add.</param>
    /// <param name="ifMatch">The <see cref="TaskResponse.ETag"/> that the task must still have, or the call fails with
    /// <c>task-changed</c>; null to change it whatever it is now.</param>
    /// <param name="cancellationToken">Gives the request up.</param>
    public Task<TaskResponse> ChangeAsync(
        string id,
        TaskChange change,
        string? ifMatch = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(change);
        var form = new Form().Add(change.Support).Add("name", change.Name);
        if (change.Reject is { } reject)
            form.Add("reject", reject == 0 ? "" : reject.ToString(CultureInfo.InvariantCulture));
        foreach (var label in change.DropClasses)
            form.Add("dropClasses", label);
        foreach (var image in change.DropImages)
            form.Add("dropImages", image.ToString(CultureInfo.InvariantCulture));
        return TaskAsync(
            new Call(HttpMethod.Patch, Call.PathOf("tasks", id)) { Form = form, Headers = new() { [IfMatch] = ifMatch } },
            cancellationToken
        );
    }

    /// <summary>Deletes a stored task and its images.</summary>
    /// <param name="id">The task's id.</param>
    /// <param name="ifMatch">The <see cref="TaskResponse.ETag"/> that the task must still have; null to delete it whatever it is now.
    /// </param>
    /// <param name="cancellationToken">Gives the request up.</param>
    public Task DeleteAsync(string id, string? ifMatch = null, CancellationToken cancellationToken = default) =>
        _connection.DoAsync(
            new Call(HttpMethod.Delete, Call.PathOf("tasks", id)) { Headers = new() { [IfMatch] = ifMatch } },
            cancellationToken
        );

    /// <summary>Classifies images with a stored task.</summary>
    /// <param name="id">The task's id.</param>
    /// <param name="queries">The images to classify, at least 1.</param>
    /// <param name="cancellationToken">Gives the request up.</param>
    /// <returns>The same answer as with the task's images in one request.</returns>
    public Task<ClassifyResponse> ClassifyAsync(
        string id,
        IEnumerable<FileSource> queries,
        CancellationToken cancellationToken = default
    ) =>
        _connection.SendAsync(
            new Call(HttpMethod.Post, Call.PathOf("tasks", id, "classify")) { Form = new Form().Add("query", queries), IsSafe = true },
            ClientJson.Default.ClassifyResponse,
            cancellationToken
        );

    private async Task<TaskResponse> TaskAsync(Call call, CancellationToken cancellation)
    {
        using var response = await _connection.SendAsync(call, cancellation).ConfigureAwait(false);
        var task = await Connection.ReadAsync(response, ClientJson.Default.TaskResponse, cancellation).ConfigureAwait(false);
        return task with { ETag = response.Headers.ETag?.ToString() };
    }
}

/// <summary>A change to a stored task. What is not set stays; drops apply first.</summary>
public sealed record TaskChange
{
    /// <summary>Classes and images to add.</summary>
    public SupportSet Support { get; init; } = [];

    /// <summary>Labels of classes to drop, with all their images.</summary>
    public IReadOnlyList<string> DropClasses { get; init; } = [];

    /// <summary>Ids of images to drop; a class left without images is dropped as well.</summary>
    public IReadOnlyList<long> DropImages { get; init; } = [];

    /// <summary>The task's new name; empty for no name.</summary>
    public string? Name { get; init; }

    /// <summary>The share of known queries that may be rejected, above 0 and at most 0.5; 0 for no rejection any more.</summary>
    public double? Reject { get; init; }
}
