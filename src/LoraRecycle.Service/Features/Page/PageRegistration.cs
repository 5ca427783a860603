using LoraRecycle.Service.Features.Page.Samples;
using LoraRecycle.Service.Platform.Http.Bodies;
using LoraRecycle.Service.Platform.Startup;

namespace LoraRecycle.Service.Features.Page;

internal static class PageRegistration
{
    /// <summary>The page, and the photographs that it offers to try.</summary>
    public static IServiceCollection AddPage(this IServiceCollection services) => services
        .AddJson(SamplesJson.Default)
        .AddValidatedOptions<PageOptions>(PageOptions.Section)
        .AddSingleton<SamplePhotographs>();
}
