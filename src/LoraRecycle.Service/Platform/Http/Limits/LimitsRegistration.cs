using LoraRecycle.Service.Platform.Startup;

namespace LoraRecycle.Service.Platform.Http.Limits;

internal static class LimitsRegistration
{
    /// <summary>What a request may ask for, its decompression included.</summary>
    public static IServiceCollection AddLimits(this IServiceCollection services) => services
        .AddValidatedOptions<LimitsOptions>(LimitsOptions.Section)
        // RFC 9110, section 8.4.1.3: the older name of the same.
        .AddRequestDecompression(options => options.DecompressionProviders["x-gzip"] = options.DecompressionProviders["gzip"])
        .AddSingleton<RequestPlaces>();
}
