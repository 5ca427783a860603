using System.Threading.RateLimiting;
using LoraRecycle.Service.Configuration;
using LoraRecycle.Service.Errors;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Endpoints;

/// <summary>How many requests with large bodies are read and answered at once.</summary>
internal static class RequestConcurrency
{
    public const string Policy = "bodies";

    public static IServiceCollection AddRequestConcurrency(this IServiceCollection services)
    {
        services.AddRateLimiter(options => options.OnRejected = (_, _) => throw new ProblemException(
            Problems.QueueFull, "As many requests as the server takes at once are being answered. Send the request again in a moment."));
        services.AddOptions<RateLimiterOptions>().Configure<IOptions<LimitsOptions>>((options, limits) => options.AddPolicy(
            Policy,
            _ => RateLimitPartition.GetConcurrencyLimiter(Policy, _ => new ConcurrencyLimiterOptions { PermitLimit = limits.Value.ConcurrentRequests })));
        return services;
    }
}
