namespace LoraRecycle.Client.Http;

/// <summary>Reads <c>text/event-stream</c>. .NET's own parser passes over comments, by which alone a job without news is told from a
/// connection that is dead.</summary>
internal sealed class ServerSentEvents(HttpResponseMessage response, Stream stream) : IDisposable
{
    /// <summary>Four times as long as the service is ever silent.</summary>
    private static readonly TimeSpan LongestSilence = TimeSpan.FromMinutes(1);

    private readonly StreamReader _lines = new(stream);

    /// <returns>Null at the end. An event that is not followed by an empty line is not whole, and is dropped.</returns>
    /// <exception cref="IOException">The connection broke.</exception>
    /// <exception cref="TimeoutException">Nothing came, not even a comment.</exception>
    public async Task<ServerSentEvent?> NextAsync(CancellationToken cancellation)
    {
        var (id, type) = ("", "");
        string? data = null;
        TimeSpan? retry = null;
        while (await LineAsync(cancellation).ConfigureAwait(false) is { } line)
        {
            if (line.Length == 0 && data is not null)
                return new ServerSentEvent(id, type, data, retry);
            var (field, value) = line.IndexOf(':') is >= 0 and var colon ? (line[..colon], line[(colon + 1)..]) : (line, "");
            if (value.StartsWith(' '))
                value = value[1..];
            switch (field)
            {
                case "id":
                    id = value;
                    break;
                case "event":
                    type = value;
                    break;
                case "data":
                    data = data is null ? value : $"{data}\n{value}";
                    break;
                case "retry" when int.TryParse(value, out var milliseconds):
                    retry = TimeSpan.FromMilliseconds(milliseconds);
                    break;
            }
        }
        return null;
    }

    public void Dispose()
    {
        _lines.Dispose();
        response.Dispose();
    }

    private async Task<string?> LineAsync(CancellationToken cancellation)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        silence.CancelAfter(LongestSilence);
        try
        {
            return await _lines.ReadLineAsync(silence.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException($"Nothing came from the service for {LongestSilence}.");
        }
    }
}

/// <param name="Id">Its id.</param>
/// <param name="Type">What kind.</param>
/// <param name="Data">What it says.</param>
/// <param name="Retry">How long to wait before connecting again; null where it is not said.</param>
internal sealed record ServerSentEvent(string Id, string Type, string Data, TimeSpan? Retry);
