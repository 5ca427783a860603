using System.Diagnostics.Metrics;
using LoraRecycle.Core.Safetensors;
using LoraRecycle.Core.Vision;
using LoraRecycle.Service.Platform.Http.Bodies;
using LoraRecycle.Service.Platform.Http.Errors;
using LoraRecycle.Service.Platform.Observability.Metrics;
using LoraRecycle.Service.Platform.Storage;
using LoraRecycle.Service.Serving.ActiveAdapter;
using LoraRecycle.Service.Serving.Configuration;
using LoraRecycle.Service.Serving.Models;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Features.MetaLoras;

internal static partial class MetaLoraRegistration
{
    /// <summary>The meta-LoRAs that a model may answer with, and the one that is active.</summary>
    public static IServiceCollection AddMetaLoras(this IServiceCollection services) =>
        services
            .AddJson(MetaLoraJson.Default)
            .AddSingleton<IValidateOptions<ModelsOptions>, InitialMetaLoraIsThere>()
            .AddSingleton(provider =>
                MetaLoraStore.Of(
                    provider.GetRequiredService<IOptions<ModelsOptions>>().Value,
                    provider.GetRequiredService<IOptions<StorageOptions>>().Value
                )
            )
            .AddSingleton(provider =>
            {
                var (options, folders) = (
                    provider.GetRequiredService<IOptions<ModelsOptions>>().Value,
                    provider.GetRequiredService<MetaLoraStore>()
                );
                var logger = provider.GetRequiredService<ILogger<ActiveMetaLora>>();
                return new ActiveMetaLora(
                    () => Kept(provider) ?? Initial(options, folders, logger),
                    provider.GetRequiredService<ActivationStore>(),
                    provider
                        .GetRequiredService<IMeterFactory>()
                        .Create(ServiceMeter.Name)
                        .CreateCounter<long>("lora_recycle.meta_lora.swaps", "{swap}", "Activations of a meta-LoRA, or of the bare model.")
                );
            })
            .AddSingleton<ActivationStore>()
            .AddSingleton<MetaLoraSelection>()
            .AddSingleton<MetaLoraRemoval>()
            .AddHostedService<ActivationFollower>();

    /// <summary>What was activated before the start; null when nothing was, or it cannot be used, which <see cref="ActivationFollower"/>
    /// tries again and tells.</summary>
    private static ServedAdapter? Kept(IServiceProvider provider)
    {
        try
        {
            // Who asks first is as a rule the thread that loads the model, and all others would have to wait for the answer, too.
            return provider.GetRequiredService<ActivationStore>().FindAsync(CancellationToken.None).GetAwaiter().GetResult() is { } kept
                ? provider.GetRequiredService<MetaLoraSelection>().ById(kept.Id, "id")
                : null;
        }
        catch (Exception exception)
            when (exception is ProblemException or ModelException or SafetensorsException || StateFailures.IsUnusable(exception))
        {
            return null;
        }
    }

    private static ServedAdapter Initial(ModelsOptions options, MetaLoraStore store, ILogger logger)
    {
        var initial = InitialMetaLora.Of(options, store);
        if (initial.PassedOver is { } other)
            LogPassedOver(logger, other.Id, other.Problem);
        return initial.Error is { } error ? throw new ModelFailureException(error) : initial.Adapter;
    }

    [LoggerMessage(1, LogLevel.Warning, "The meta-LoRA {Id} cannot be used; the bare model answers instead. {Problem}")]
    private static partial void LogPassedOver(ILogger logger, string id, string? problem);
}
