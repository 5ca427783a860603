using LoraRecycle.Service.Configuration;
using LoraRecycle.Service.Endpoints.Episodes;

namespace LoraRecycle.Service.Endpoints;

internal static class EndpointsRegistration
{
    /// <summary>What a request may ask for, its decompression included.</summary>
    public static IServiceCollection AddLimits(this IServiceCollection services) => services
        .AddValidatedOptions<LimitsOptions>(LimitsOptions.Section)
        .AddRequestDecompression()
        .AddRequestConcurrency();

    public static IServiceCollection AddClassification(this IServiceCollection services) => services
        .AddSingleton<EpisodeReader>()
        .ConfigureHttpJsonOptions(options => options.SerializerOptions.TypeInfoResolverChain.Insert(0, ServiceJson.Default));
}
