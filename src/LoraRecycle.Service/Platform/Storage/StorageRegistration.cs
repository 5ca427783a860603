using LoraRecycle.Service.Platform.Startup;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Platform.Storage;

internal static class StorageRegistration
{
    /// <summary>The data directory, which several features keep their files in.</summary>
    public static IServiceCollection AddStorage(this IServiceCollection services) => services
        .AddValidatedOptions<StorageOptions>(StorageOptions.Section)
        .AddSingleton<IValidateOptions<StorageOptions>, StorageIsPossible>();
}
