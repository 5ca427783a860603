using System.Diagnostics.Metrics;
using LoraRecycle.Service.Configuration;
using LoraRecycle.Service.Metrics;
using LoraRecycle.Service.Serving;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.MetaLoras;

internal static partial class MetaLoraRegistration
{
    /// <summary>The meta-LoRAs that models may wear, and the one that is active.</summary>
    public static IServiceCollection AddMetaLoras(this IServiceCollection services) => services
        .AddSingleton<IValidateOptions<ModelsOptions>, InitialMetaLoraIsThere>()
        .AddSingleton(provider => MetaLoraStore.Of(
            provider.GetRequiredService<IOptions<ModelsOptions>>().Value, provider.GetRequiredService<IOptions<StorageOptions>>().Value))
        .AddSingleton(provider => new ActiveMetaLora(
            () => Initial(provider),
            provider.GetRequiredService<ActivationStore>(),
            provider.GetRequiredService<IMeterFactory>().Create(ServiceMeter.Name).CreateCounter<long>("lora_recycle.meta_lora.swaps", "{swap}", "Activations of a meta-LoRA, or of the bare model.")))
        .AddSingleton<ActivationStore>()
        .AddSingleton<MetaLoraSelection>()
        .AddHostedService<ActivationFollower>();

    private static Wearing Initial(IServiceProvider provider)
    {
        var initial = InitialMetaLora.Of(provider.GetRequiredService<IOptions<ModelsOptions>>().Value, provider.GetRequiredService<MetaLoraStore>());
        if (initial.PassedOver is { } other)
            LogPassedOver(provider.GetRequiredService<ILogger<ActiveMetaLora>>(), other.Id, other.Problem);
        return initial.Error is { } error ? throw new ModelFailureException(error) : initial.Wearing;
    }

    [LoggerMessage(1, LogLevel.Warning, "The meta-LoRA {Id} is not used, and the bare model answers. {Problem}")]
    private static partial void LogPassedOver(ILogger logger, string id, string? problem);
}
