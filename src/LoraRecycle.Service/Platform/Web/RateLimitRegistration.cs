using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using LoraRecycle.Service.Platform.Http.Errors;
using LoraRecycle.Service.Platform.Security;
using LoraRecycle.Service.Platform.Startup;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace LoraRecycle.Service.Platform.Web;

/// <summary>A token bucket for each key, or for each address that sends none.</summary>
internal static class RateLimitRegistration
{
    public static IServiceCollection AddRateLimits(this IServiceCollection services)
    {
        services.AddValidatedOptions<RateLimitOptions>(RateLimitOptions.Section).AddRateLimiter(_ => { });
        services
            .AddOptions<RateLimiterOptions>()
            .Configure<IOptions<RateLimitOptions>>(
                (options, limits) =>
                {
                    options.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(context => Partition(context, limits.Value));
                    options.OnRejected = (rejected, _) =>
                        throw TooMany(rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : TimeSpan.Zero);
                }
            );
        return services;
    }

    private static RateLimitPartition<string> Partition(HttpContext context, RateLimitOptions limits) =>
        limits.RequestsPerMinute == 0
            ? RateLimitPartition.GetNoLimiter("")
            : RateLimitPartition.GetTokenBucketLimiter(
                context.User.FindFirst(ApiKeyAuthentication.KeyClaim) is { } key
                    ? $"key {key.Value}"
                    : $"address {Network(context.Connection.RemoteIpAddress)}",
                _ => new TokenBucketRateLimiterOptions
                {
                    TokenLimit = limits.Burst,
                    TokensPerPeriod = 1,
                    ReplenishmentPeriod = TimeSpan.FromMinutes(1) / limits.RequestsPerMinute,
                });

    /// <summary>Of IPv6 the first half: whoever has one address has all of the rest.</summary>
    private static string Network(IPAddress? address) => address switch
    {
        null => "local",
        { IsIPv4MappedToIPv6: true } => address.MapToIPv4().ToString(),
        { AddressFamily: AddressFamily.InterNetworkV6 } => Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8)),
        _ => address.ToString(),
    };

    private static ProblemException TooMany(TimeSpan wait)
    {
        var seconds = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        return new ProblemException(
            Problems.TooManyRequests,
            $"Expected fewer requests from one key or address; send the next one in {seconds} s."
        )
        {
            Headers = { [HeaderNames.RetryAfter] = seconds },
        };
    }
}
