using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using LoraRecycle.Service.Features.Recycling.Jobs;
using LoraRecycle.Service.Features.Recycling.Settings;
using LoraRecycle.Service.Platform.Http.Bodies;
using LoraRecycle.Service.Platform.Http.Errors;
using LoraRecycle.Service.Platform.Security;

namespace LoraRecycle.Service.Features.Recycling.Endpoints;

/// <summary>
/// A job's events as server-sent events, from any of them to the last. What happens in this process is sent at once; the
/// table is looked at twice a second for what happens in others.
/// </summary>
internal sealed class JobEventStream(
    JobReader jobs, JobSignals signals, LastingAdmission admission, IHostApplicationLifetime lifetime, TimeProvider time)
{
    private const int Page = 500;
    private const string LastEvent = "Last-Event-ID";

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500), Silence = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan ComeAgain = TimeSpan.FromSeconds(1);

    /// <summary>Answers a request for them, which may say from where.</summary>
    /// <exception cref="ProblemException">There is no such job, or no such place.</exception>
    public async Task<IResult> AnswerAsync(JobKind kind, string id, HttpContext context, CancellationToken cancellation)
    {
        var after = QueryNumber.Read(
            context.Request.Headers[LastEvent].FirstOrDefault(), 0, 0, int.MaxValue, LastEvent, RecycleProblems.InvalidSetting);
        var (job, _) = await jobs.FindAsync(kind, id, cancellation);
        if (job.State.IsFinal() && after >= job.Events)
            return TypedResults.NoContent(); // tells a browser not to come again
        context.Response.Headers["X-Accel-Buffering"] = "no"; // or a proxy would keep events until there are more
        if (HttpMethods.IsHead(context.Request.Method)) // only its headers, and not for as long as the job runs
            return TypedResults.ServerSentEvents(AsyncEnumerable.Empty<SseItem<string>>());
        return TypedResults.ServerSentEvents(ReadAsync(id, after, context.Response, cancellation));
    }

    /// <param name="job">The job's id.</param>
    /// <param name="after">The number of the last event that the client has.</param>
    /// <param name="response">Where they are written.</param>
    /// <param name="cancellation">The client has gone.</param>
    private async IAsyncEnumerable<SseItem<string>> ReadAsync(
        string job, long after, HttpResponse response, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await response.Body.FlushAsync(cancellation); // the client learns at once that it is connected, whenever the next event comes
        TimeSpan? comeAgain = ComeAgain;
        while (await NextAsync(job, after, response, cancellation) is { } events)
            foreach (var one in events)
            {
                yield return new SseItem<string>(one.Data, one.Type)
                {
                    EventId = one.Number.ToString(CultureInfo.InvariantCulture),
                    ReconnectionInterval = comeAgain,
                };
                (after, comeAgain) = (one.Number, null);
                if (IsFinal(one))
                    yield break;
            }
    }

    /// <returns>Null when the server stops, since a stream would hold up its end for as long as the job runs, and clients come again; and
    /// when the key that it was asked for with is not good any more.</returns>
    private async Task<List<RecycleEvent>?> NextAsync(string job, long after, HttpResponse response, CancellationToken cancellation)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation, lifetime.ApplicationStopping);
        try
        {
            for (var silent = time.GetTimestamp(); ;)
            {
                if (!admission.Holds(response.HttpContext.User))
                    return null;
                var next = signals.Next;
                if (await jobs.EventsAsync(job, after, Page, ended.Token) is { Count: > 0 } events)
                    return events;
                if (time.GetElapsedTime(silent) > Silence)
                {
                    // There is no item that is only a comment; and while the next item is awaited, nobody else writes.
                    await response.WriteAsync(": still here\n\n", ended.Token);
                    silent = time.GetTimestamp();
                }
                await signals.WaitAsync(next, Look, ended.Token);
            }
        }
        catch (OperationCanceledException)
            when (lifetime.ApplicationStopping.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    private static bool IsFinal(RecycleEvent one) =>
        one.Type == EventTypes.State && JsonSerializer.Deserialize(one.Data, RecycleJson.Default.StateEvent) is { Final: true };
}
