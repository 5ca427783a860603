using LoraRecycle.Service.Endpoints.Episodes;
using LoraRecycle.Service.Errors;
using LoraRecycle.Service.OpenApi;

namespace LoraRecycle.Service.Endpoints;

internal static class ClassificationRegistration
{
    /// <summary>Episodes in requests, and their answers.</summary>
    public static IServiceCollection AddClassification(this IServiceCollection services) => services
        .AddSingleton<EpisodeReader>()
        .AddJson(ClassificationJson.Default)
        .AddOperationFilter<EpisodeBodyFilter>();
}
