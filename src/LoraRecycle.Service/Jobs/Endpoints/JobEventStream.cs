using System.Globalization;
using System.Text.Json;
using LoraRecycle.Service.Jobs.Events;
using LoraRecycle.Service.Jobs.Rows;

namespace LoraRecycle.Service.Jobs.Endpoints;

/// <summary>
/// A job's events as server-sent events, from any of them to the last. What happens in this process is sent at once; the
/// table is looked at twice a second for what happens in others.
/// </summary>
internal sealed class JobEventStream(JobReader jobs, JobSignals signals, IHostApplicationLifetime lifetime, TimeProvider time)
{
    public const string ContentType = "text/event-stream";

    private const int Page = 500;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500), Silence = TimeSpan.FromSeconds(15);

    /// <param name="job">The job's id.</param>
    /// <param name="after">The number of the last event that the client has.</param>
    /// <param name="response">Where to write.</param>
    /// <param name="cancellation">The client has gone.</param>
    public async Task WriteAsync(string job, long after, HttpResponse response, CancellationToken cancellation)
    {
        // A stream would hold up the end of the server for as long as the job runs; clients come again.
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation, lifetime.ApplicationStopping);
        response.ContentType = ContentType;
        response.Headers["X-Accel-Buffering"] = "no"; // or a proxy would keep events until there are more
        try
        {
            await response.WriteAsync("retry: 1000\n\n", ended.Token);
            await response.Body.FlushAsync(ended.Token);
            await WriteEventsAsync(job, after, response, ended.Token);
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            // The stream ends between two events.
        }
    }

    private async Task WriteEventsAsync(string job, long after, HttpResponse response, CancellationToken cancellation)
    {
        var written = time.GetTimestamp();
        while (true)
        {
            var next = signals.Next;
            var events = await jobs.EventsAsync(job, after, Page, cancellation);
            foreach (var one in events)
            {
                await response.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"id: {one.Number}\nevent: {one.Type}\ndata: {one.Data}\n\n"), cancellation);
                after = one.Number;
            }
            if (events.Count == 0 && time.GetElapsedTime(written) > Silence)
                await response.WriteAsync(": still here\n\n", cancellation);
            else if (events.Count == 0)
            {
                await signals.WaitAsync(next, Look, cancellation);
                continue;
            }
            await response.Body.FlushAsync(cancellation);
            written = time.GetTimestamp();
            if (events.Any(IsFinal))
                return;
        }
    }

    private static bool IsFinal(RecycleEvent one) =>
        one.Type == EventTypes.State && JsonSerializer.Deserialize(one.Data, RecycleJson.Default.StateEvent) is { Final: true };
}
