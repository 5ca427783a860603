using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Platform.Http.Limits;

/// <summary>How many requests with large bodies are read and answered at once.</summary>
internal static class RequestConcurrency
{
    public const string Policy = "bodies";

    public static IServiceCollection AddRequestConcurrency(this IServiceCollection services)
    {
        services
            .AddOptions<RateLimiterOptions>()
            .Configure<IOptions<LimitsOptions>>(
                (options, limits) =>
                    options.AddPolicy(
                        Policy,
                        _ =>
                            RateLimitPartition.GetConcurrencyLimiter(
                                Policy,
                                _ => new ConcurrencyLimiterOptions { PermitLimit = limits.Value.ConcurrentRequests }
                            )
                    )
            );
        return services;
    }
}
