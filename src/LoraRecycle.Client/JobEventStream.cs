using System.Globalization;
using System.Net;
using System.Text.Json;
using LoraRecycle.Client.Contracts;
using LoraRecycle.Client.Http;

namespace LoraRecycle.Client;

/// <summary>The events of a job to the last, over as many connections as it takes.</summary>
internal sealed class JobEventStream(Connection connection, string path, string job, long after) : IDisposable
{
    private ServerSentEvents? _events;
    private TimeSpan _comeAgain = TimeSpan.FromSeconds(1), _away;
    private bool _wasThere, _ended;

    /// <returns>Null after the last one.</returns>
    public async Task<JobEvent?> NextAsync(CancellationToken cancellation)
    {
        while (!_ended)
        {
            Exception? lost = null;
            try
            {
                _events ??= await ConnectAsync(cancellation).ConfigureAwait(false);
                if (_events is null)
                    return null;
                if (await _events.NextAsync(cancellation).ConfigureAwait(false) is { } one)
                {
                    if (Take(one) is { } known)
                        return known;
                    continue;
                }
            }
            // An address at which nobody ever answered is wrong, rather than away.
            catch (Exception exception) when (_wasThere && IsAway(exception))
            {
                lost = exception;
            }
            await AwayAsync(lost, cancellation).ConfigureAwait(false);
        }
        return null;
    }

    /// <summary>Follows the events to the last one.</summary>
    public async Task EndAsync(CancellationToken cancellation)
    {
        while (await NextAsync(cancellation).ConfigureAwait(false) is not null)
            ;
    }

    public void Dispose() => _events?.Dispose();

    /// <summary>A proxy in front of a service that restarts answers in its place.</summary>
    private static bool IsAway(Exception exception) =>
        exception is HttpRequestException or IOException or TimeoutException or ProblemException { Status: 502 or 503 or 504 };

    /// <returns>Null when there is nothing after what is known.</returns>
    private async Task<ServerSentEvents?> ConnectAsync(CancellationToken cancellation)
    {
        var call = new Call(HttpMethod.Get, Call.PathOf(path, job, "events"))
        {
            Headers = new() { ["Last-Event-ID"] = after == 0 ? null : after.ToString(CultureInfo.InvariantCulture) },
        };
        var response = await connection.SendAsync(call, cancellation).ConfigureAwait(false);
        _wasThere = true;
        _ended = response.StatusCode == HttpStatusCode.NoContent;
        if (!_ended)
            return new ServerSentEvents(response, await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false));
        response.Dispose();
        return null;
    }

    private JobEvent? Take(ServerSentEvent one)
    {
        after = long.Parse(one.Id, CultureInfo.InvariantCulture);
        _comeAgain = one.Retry ?? _comeAgain;
        _away = TimeSpan.Zero;
        JobEvent? known = one.Type switch
        {
            "state" => JsonSerializer.Deserialize(one.Data, ClientJson.Default.StateEvent),
            "stage" => JsonSerializer.Deserialize(one.Data, ClientJson.Default.StageEvent),
            "unit" => JsonSerializer.Deserialize(one.Data, ClientJson.Default.UnitEvent),
            "progress" => JsonSerializer.Deserialize(one.Data, ClientJson.Default.ProgressEvent),
            "tuned" => JsonSerializer.Deserialize(one.Data, ClientJson.Default.TunedEvent),
            "evaluation" => JsonSerializer.Deserialize(one.Data, ClientJson.Default.EvaluationEvent),
            _ => null, // of a newer service
        };
        _ended = known is StateEvent { Final: true };
        return known is null ? null : known with { Number = after };
    }

    /// <summary>A service that ends a stream before its job is stopping, and comes back.</summary>
    private async Task AwayAsync(Exception? lost, CancellationToken cancellation)
    {
        _events?.Dispose();
        _events = null;
        _away += _comeAgain;
        if (_away > connection.RetryFor)
            throw new HttpRequestException($"The events of job {job} ended after number {after}, and no more came.", lost);
        await Task.Delay(_comeAgain, cancellation).ConfigureAwait(false);
    }
}
