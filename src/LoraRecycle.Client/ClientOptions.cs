namespace LoraRecycle.Client;

/// <summary>Where the service is, and how long a call waits for one that is busy.</summary>
public sealed record ClientOptions
{
    /// <summary>The environment variable that <see cref="Url"/> comes from when nobody sets it.</summary>
    public const string UrlVariable = "LORA_RECYCLE_URL";

    /// <summary>The environment variable that <see cref="Key"/> comes from when nobody sets it.</summary>
    public const string KeyVariable = "LORA_RECYCLE_KEY";

    /// <summary>The service's address, with the path in front of it if a proxy adds one; by default that of
    /// <see cref="UrlVariable"/>, else <c>http://127.0.0.1:8080</c>.</summary>
    public Uri Url { get; init; } = new(Variable(UrlVariable) ?? "http://127.0.0.1:8080");

    /// <summary>The token of an API key; by default that of <see cref="KeyVariable"/>. Null for a service without keys.</summary>
    public string? Key { get; init; } = Variable(KeyVariable);

    /// <summary>How long a call waits in all when the service says <c>Retry-After</c>, and how long a job's events are looked for
    /// while the service is away; a minute by default, zero for never.</summary>
    public TimeSpan RetryFor { get; init; } = TimeSpan.FromMinutes(1);

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
