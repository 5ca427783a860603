namespace LoraRecycle.Service.Platform.Observability.ServerErrors;

/// <summary>
/// The last errors, in memory and of this process alone. One that repeats itself, such as that of a database which is away
/// and tried again and again, takes one place: it must not push out all others.
/// </summary>
internal sealed class ErrorRing(TimeProvider time)
{
    public const int Capacity = 50;

    private const int LongestMessage = 500;

    private readonly Lock _lock = new();
    private readonly LinkedList<ServerError> _errors = new(); // the latest first

    public DateTimeOffset Since { get; } = time.GetUtcNow();

    /// <summary>All that are kept, the latest first.</summary>
    public IReadOnlyList<ServerError> Latest
    {
        get
        {
            lock (_lock)
                return [.. _errors];
        }
    }

    public void Add(string message, string? exception, string? request, string? requestId)
    {
        var text = message.Length > LongestMessage ? $"{message.AsSpan(0, LongestMessage)}…" : message;
        var error = new ServerError(time.GetUtcNow(), 1, text, exception, request, requestId);
        lock (_lock)
        {
            if (_errors.First is { Value: var last } first && (last.Message, last.Exception, last.Request) == (text, exception, request))
            {
                first.Value = error with { Times = last.Times + 1 };
                return;
            }
            _errors.AddFirst(error);
            if (_errors.Count > Capacity)
                _errors.RemoveLast();
        }
    }
}
