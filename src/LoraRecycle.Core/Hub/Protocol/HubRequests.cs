using System.Net.Http.Headers;
using LoraRecycle.Core.Foundation;

namespace LoraRecycle.Core.Hub.Protocol;

/// <summary>
/// Requests to a hub, and to the hosts that it leads to. Redirects are followed here and not by .NET, because the token goes to the
/// hub alone, and because the hub's answers on the way say what the file is.
/// </summary>
internal sealed class HubRequests : IDisposable
{
    private const int MostRedirects = 8;
    private static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(15);

    private readonly HubSettings _settings;
    private readonly TimeProvider _clock;
    private readonly HttpClient _client;

    public HubRequests(HubSettings settings, TimeProvider clock)
    {
        (_settings, _clock) = (settings, clock);
        _client = new HttpClient(
            new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseCookies = false,
                ConnectTimeout = settings.Timeout < ConnectTime ? settings.Timeout : ConnectTime,
                ActivityHeadersPropagator = null,
            }
        )
        {
            Timeout = Timeout.InfiniteTimeSpan, // large files take as long as they take; what counts is whether bytes come
        };
    }

    /// <summary>Sends a request and follows where it leads.</summary>
    /// <param name="method">GET, or HEAD, which stays with the hub: it asks what the hub knows, not another host.</param>
    /// <param name="address">Of the hub.</param>
    /// <param name="from">The first byte that is wanted.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="HubAccessException">No host answers, or one leads where no program should follow.</exception>
    public async Task<HubAnswer> SendAsync(HttpMethod method, Uri address, long from, CancellationToken cancellation)
    {
        var answer = new HubAnswer();
        for (var hop = 0; hop <= MostRedirects; hop++)
        {
            var response = await SendOnceAsync(method, address, from, cancellation);
            answer = answer.With(response, address, IsHub(address));
            if ((int)response.StatusCode is not (301 or 302 or 303 or 307 or 308) || response.Headers.Location is not { } location)
                return answer;
            var next = new Uri(address, location);
            if (method == HttpMethod.Head && !IsHub(next)) return answer;
            response.Dispose();
            if (next.Scheme != Uri.UriSchemeHttps && (next.Scheme != Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps))
                throw new HubAccessException(
                    $"{Shown(address)} leads to {Shown(next)}, which is not encrypted; expected https. Check HF_ENDPOINT and the proxy."
                );
            address = next;
        }
        throw new HubAccessException(
            $"{Shown(address)} leads on and on: more than {MostRedirects} redirects. Check HF_ENDPOINT and the proxy."
        );
    }

    /// <summary>Runs an attempt again after what may pass by itself, with longer and longer waits.</summary>
    /// <param name="attempt">What to do; called at least once.</param>
    /// <param name="hasAdvanced">Whether something came of the last attempt, which makes the next one a first one.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="HubAccessException">The last attempt's.</exception>
    public async Task<T> PersistAsync<T>(Func<Task<T>> attempt, Func<bool> hasAdvanced, CancellationToken cancellation)
    {
        const int Attempts = 4;
        var longest = TimeSpan.FromSeconds(30);
        for (var tried = 1; ; tried++)
        {
            TimeSpan wait;
            try
            {
                return await attempt();
            }
            catch (HubAccessException failed) when (failed.IsTransient && !(failed.RetryAfter > longest))
            {
                if (hasAdvanced()) tried = 1;
                if (tried >= Attempts) throw;
                wait = failed.RetryAfter ?? _settings.Pause * (1 << (tried - 1));
            }
            await Task.Delay(wait, _clock, cancellation);
        }
    }

    /// <summary>Waits for what comes over the network, as long as that may take.</summary>
    /// <exception cref="HubAccessException">It did not come, or the connection broke.</exception>
    public async Task<T> ReceiveAsync<T>(Uri address, Func<CancellationToken, Task<T>> receive, CancellationToken cancellation)
    {
        using var late = new CancellationTokenSource(_settings.Timeout, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
        try
        {
            return await receive(either.Token);
        }
        catch (OperationCanceledException stalled) when (!cancellation.IsCancellationRequested)
        {
            throw new HubAccessException(
                $"{address.Authority} sent nothing for {_settings.Timeout.TotalSeconds:0} s. Check the network, or give it longer "
                    + "(HF_HUB_DOWNLOAD_TIMEOUT, in seconds); the same command goes on where this one stopped.",
                stalled
            )
            {
                IsTransient = true,
            };
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException)
        {
            throw new HubAccessException(
                $"{address.Authority} cannot be reached, or broke off: {(broken.InnerException ?? broken).Message.TrimEnd('.')}. Check the "
                    + "network and the proxy (HTTPS_PROXY); HF_ENDPOINT names another hub. The same command goes on where this one "
                    + "stopped.",
                broken
            )
            {
                IsTransient = true,
            };
        }
    }

    /// <summary>An address as messages may show it: what follows the path can be a signature.</summary>
    public static string Shown(Uri address) => address.GetLeftPart(UriPartial.Path);

    public void Dispose() => _client.Dispose();

    private async Task<HttpResponseMessage> SendOnceAsync(HttpMethod method, Uri address, long from, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, address);
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("lora-recycle", ProductVersion.Text));
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity")); // sizes and ranges are those of the file
        if (_settings.Token is { } token && IsHub(address))
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (from > 0) request.Headers.Range = new RangeHeaderValue(from, null);
        return await ReceiveAsync(
            address,
            either => _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either),
            cancellation
        );
    }

    private bool IsHub(Uri address) =>
        (address.Scheme, address.IdnHost, address.Port) == (_settings.Endpoint.Scheme, _settings.Endpoint.IdnHost, _settings.Endpoint.Port);
}
