using System.Threading.RateLimiting;
using LoraRecycle.Service.Platform.Http.Errors;
using LoraRecycle.Service.Platform.Security;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Platform.Http.Limits;

/// <summary>
/// How many requests with large bodies are answered at once, and how many bytes of bodies are in memory. A place is taken when the
/// body is in, so that slow bodies keep nobody out; and a key takes no more than its share, so that nobody keeps out the others.
/// </summary>
internal sealed class RequestPlaces : IDisposable
{
    private readonly PartitionedRateLimiter<HttpContext> _places;
    private readonly long _bytes;
    private readonly long _bytesByKey;
    private readonly Dictionary<string, long> _heldByKey = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private long _held;

    public RequestPlaces(IOptions<LimitsOptions> options)
    {
        var limits = options.Value;
        _bytes = limits.ConcurrentRequests * limits.RequestBytes;
        _bytesByKey = Math.Max(limits.RequestBytes, (long)(_bytes * limits.KeyShare));
        _places = PartitionedRateLimiter.CreateChained(
            Limiter(KeyOf, _ => Math.Max(1, (int)(limits.ConcurrentRequests * limits.KeyShare))),
            Limiter(_ => "", _ => limits.ConcurrentRequests)
        );
    }

    /// <summary>Bytes of bodies in memory.</summary>
    public long Held
    {
        get
        {
            lock (_lock)
                return _held;
        }
    }

    /// <summary>Takes a place until the request ends.</summary>
    /// <exception cref="ProblemException">All are taken, or all that the key may take.</exception>
    public void Take(HttpContext context)
    {
        var lease = _places.AttemptAcquire(context);
        context.Response.RegisterForDispose(lease);
        if (!lease.IsAcquired)
            throw Busy();
    }

    /// <summary>Counts bytes of a body that stay in memory until the request ends.</summary>
    /// <param name="context">The request.</param>
    /// <param name="bytes">How many there are more.</param>
    /// <exception cref="ProblemException">There are more than may be held at once, or than the key may hold.</exception>
    public void Hold(HttpContext context, int bytes)
    {
        var key = KeyOf(context);
        lock (_lock)
        {
            var byKey = key is null ? 0 : _heldByKey.GetValueOrDefault(key) + bytes;
            if (_held + bytes > _bytes || byKey > _bytesByKey)
                throw Busy();
            _held += bytes;
            if (key is not null)
                _heldByKey[key] = byKey;
        }
    }

    /// <summary>Gives back what <see cref="Hold"/> counted.</summary>
    public void Release(HttpContext context, long bytes)
    {
        var key = KeyOf(context);
        lock (_lock)
        {
            _held -= bytes;
            if (key is not null && (_heldByKey[key] = _heldByKey.GetValueOrDefault(key) - bytes) <= 0)
                _heldByKey.Remove(key);
        }
    }

    public void Dispose() => _places.Dispose();

    /// <summary>Whoever sends no key has no share of its own: a server without keys has one user.</summary>
    private static string? KeyOf(HttpContext context) => context.User.FindFirst(ApiKeyAuthentication.KeyClaim)?.Value;

    private static PartitionedRateLimiter<HttpContext> Limiter(Func<HttpContext, string?> partition, Func<string, int> places) =>
        PartitionedRateLimiter.Create<HttpContext, string>(context => partition(context) is { } name
            ? RateLimitPartition.GetConcurrencyLimiter(name, key => new ConcurrencyLimiterOptions { PermitLimit = places(key) })
            : RateLimitPartition.GetNoLimiter("no key"));

    private static ProblemException Busy() => new(
        Problems.QueueFull, "The server is answering as many requests as it accepts at once. Send the request again in a moment.");
}
