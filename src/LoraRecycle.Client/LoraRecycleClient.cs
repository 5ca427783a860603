using LoraRecycle.Client.Contracts;

namespace LoraRecycle.Client;

/// <summary>A client of one LoRA Recycle service. It is safe for concurrent use; one for each service is enough.</summary>
/// <remarks>Every method throws <see cref="ProblemException"/> when the service refuses the request, and
/// <see cref="HttpRequestException"/> when it cannot be reached. Calls have no time limit of their own: cancel them.</remarks>
public sealed class LoraRecycleClient : IDisposable
{
    private readonly Connection _connection;
    private readonly HttpClient? _own;

    /// <summary>A client of the service at an address.</summary>
    /// <param name="url">The service's address; by default the environment's <c>LORA_RECYCLE_URL</c>, else
    /// <c>http://127.0.0.1:8080</c>.</param>
    /// <param name="key">The token of an API key; by default the environment's <c>LORA_RECYCLE_KEY</c>.</param>
    public LoraRecycleClient(string? url = null, string? key = null)
        : this(With(new ClientOptions(), url, key))
    {
    }

    /// <summary>A client with options, and perhaps with an <see cref="HttpClient"/> of the caller's.</summary>
    /// <param name="options">Where the service is.</param>
    /// <param name="http">What sends the requests. It is not disposed, and its time limit applies: set
    /// <see cref="HttpClient.Timeout"/> to longer than the longest upload.</param>
    public LoraRecycleClient(ClientOptions options, HttpClient? http = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _own = http is null ? new HttpClient { Timeout = Timeout.InfiniteTimeSpan } : null;
        _connection = new Connection(options, http ?? _own!);
        Tasks = new TasksClient(_connection);
        Loras = new LorasClient(_connection);
        MetaLoras = new MetaLorasClient(_connection);
        Recycle = new RecycleClient(_connection);
        Tune = new TuneClient(_connection);
        Server = new ServerClient(_connection);
    }

    /// <summary>Support sets that the service keeps: <c>/tasks</c>.</summary>
    public TasksClient Tasks { get; }

    /// <summary>The market of LoRAs to recycle: <c>/loras</c>.</summary>
    public LorasClient Loras { get; }

    /// <summary>The adapters that recycling makes, and which of them is active: <c>/meta-loras</c>.</summary>
    public MetaLorasClient MetaLoras { get; }

    /// <summary>Recycling jobs: <c>/recycle</c>.</summary>
    public RecycleClient Recycle { get; }

    /// <summary>Tuning jobs: <c>/tune</c>.</summary>
    public TuneClient Tune { get; }

    /// <summary>The service itself: models, limits, health, errors.</summary>
    public ServerClient Server { get; }

    /// <summary>Classifies images by a few labelled examples of each class, without training.</summary>
    /// <param name="support">The examples by class, of at least 2 classes.</param>
    /// <param name="queries">The images to classify, at least 1.</param>
    /// <param name="metaLora">The id of a meta-LoRA; "none" for the bare model; null for the active one.</param>
    /// <param name="reject">The share of known queries that may be rejected by mistake, above 0 and at most 0.5; a rejected query gets the
    /// label null. Null for no rejection.</param>
    /// <param name="embeddings">Whether the answer has the embeddings of all images.</param>
    /// <param name="cancellationToken">Gives the request up.</param>
    /// <returns>A prediction for each query, in their order.</returns>
    public Task<ClassifyResponse> ClassifyAsync(
        SupportSet support,
        IEnumerable<FileSource> queries,
        string? metaLora = null,
        double? reject = null,
        bool embeddings = false,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(support);
        var form = new Form().Add(support).Add("query", queries).Add("metaLora", metaLora).Add("reject", reject);
        if (embeddings)
            form.Add("embeddings", "true");
        // The answer depends on nothing but the request, so asking twice does no harm.
        return _connection.SendAsync(
            new Call(HttpMethod.Post, "classify") { Form = form, IsSafe = true },
            ClientJson.Default.ClassifyResponse,
            cancellationToken
        );
    }

    /// <summary>Closes its connections.</summary>
    public void Dispose() => _own?.Dispose();

    private static ClientOptions With(ClientOptions options, string? url, string? key) =>
        options with { Url = url is null ? options.Url : new Uri(url), Key = key ?? options.Key };
}
