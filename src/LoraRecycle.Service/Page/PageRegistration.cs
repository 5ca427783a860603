using LoraRecycle.Service.Configuration;
using LoraRecycle.Service.Errors;

namespace LoraRecycle.Service.Page;

internal static class PageRegistration
{
    /// <summary>The page, and the photographs that it offers to try.</summary>
    public static IServiceCollection AddPage(this IServiceCollection services) => services
        .AddJson(SamplesJson.Default)
        .AddValidatedOptions<PageOptions>(PageOptions.Section)
        .AddSingleton<SamplePhotographs>();
}
