using LoraRecycle.Service.Features.Classification.Episodes;
using LoraRecycle.Service.Platform.Http.Bodies;
using LoraRecycle.Service.Platform.OpenApi;

namespace LoraRecycle.Service.Features.Classification;

internal static class ClassificationRegistration
{
    /// <summary>Episodes in requests, and their answers.</summary>
    public static IServiceCollection AddClassification(this IServiceCollection services) => services
        .AddSingleton<EpisodeReader>()
        .AddJson(ClassificationJson.Default)
        .AddOperationFilter<EpisodeBodyFilter>();
}
