using LoraRecycle.Service.Platform.Startup;

namespace LoraRecycle.Service.Platform.Http.Limits;

internal static class LimitsRegistration
{
    /// <summary>What a request may ask for, its decompression included.</summary>
    public static IServiceCollection AddLimits(this IServiceCollection services) => services
        .AddValidatedOptions<LimitsOptions>(LimitsOptions.Section)
        .AddRequestDecompression()
        .AddRequestConcurrency();
}
