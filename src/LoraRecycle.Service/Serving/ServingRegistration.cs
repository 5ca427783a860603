using System.Diagnostics.Metrics;
using LoraRecycle.Core.Foundation.Devices;
using LoraRecycle.Core.Imaging;
using LoraRecycle.Core.Imaging.Decoding;
using LoraRecycle.Service.Platform.Http.Limits;
using LoraRecycle.Service.Platform.Observability.Metrics;
using LoraRecycle.Service.Platform.Startup;
using LoraRecycle.Service.Serving.Configuration;
using LoraRecycle.Service.Serving.Devices;
using LoraRecycle.Service.Serving.Embedding;
using LoraRecycle.Service.Serving.Models;
using LoraRecycle.Service.Serving.Traffic;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Serving;

internal static class ServingRegistration
{
    /// <summary>The decoder of what clients send. Made when it is first needed: the server listens before its codec is loaded.</summary>
    public static IServiceCollection AddImageDecoding(this IServiceCollection services) =>
        services
            .AddValidatedOptions<ImagingOptions>(ImagingOptions.Section)
            .AddSingleton(provider =>
            {
                var (imaging, limits) = (
                    provider.GetRequiredService<IOptions<ImagingOptions>>().Value,
                    provider.GetRequiredService<IOptions<LimitsOptions>>().Value
                );
                return new Lazy<ImageDecoder>(() =>
                    new ImageDecoder(
                        new ImageDecoderOptions
                        {
                            MaxPixels = limits.PixelsPerImage,
                            MaxDecodingBytes = imaging.DecodingBytes,
                            MaxDecodingTime = imaging.DecodingTime,
                            MaxJpegScans = imaging.JpegScans,
                            AllowTiff = imaging.AllowTiff,
                        }
                    )
                );
            });

    /// <summary>The model that serves: its devices, the queue in front of them, the cache in front of that.</summary>
    /// <param name="services">What it is added to.</param>
    /// <param name="serves">Whether it is loaded; a worker has nobody to answer.</param>
    public static IServiceCollection AddModelServing(this IServiceCollection services, bool serves)
    {
        services.AddValidatedOptions<ModelsOptions>(ModelsOptions.Section)
            .AddSingleton<IValidateOptions<ModelsOptions>, ModelsExist>()
            .AddValidatedOptions<ServingOptions>(ServingOptions.Section)
            .AddSingleton<IValidateOptions<ServingOptions>, ServingFitsLimits>()
            .AddValidatedOptions<CacheOptions>(CacheOptions.Section);
        services.TryAddSingleton<LoadFoundationModel>(provider =>
        {
            var (options, decoder) = (
                provider.GetRequiredService<IOptions<ModelsOptions>>().Value,
                provider.GetRequiredService<Lazy<ImageDecoder>>()
            );
            var precision = ComputePrecisions.Parse(provider.GetRequiredService<IOptions<ServingOptions>>().Value.Precision);
            return device =>
            {
                _ = decoder.Value; // ready when the model is
                return TorchModels.Load(options.FindModel()!, device, precision);
            };
        });
        if (serves)
            services.AddHostedService(provider => provider.GetRequiredService<ServingDevices>());
        return services
            .AddSingleton<Calibrations>()
            .AddSingleton<ServingTraffic>()
            .AddSingleton<ServingMetrics>()
            .AddSingleton<ServingDevices>()
            .AddMemoryCache()
            .AddSingleton<IConfigureOptions<MemoryCacheOptions>>(provider => new ConfigureOptions<MemoryCacheOptions>(
                options =>
                {
                    options.SizeLimit = provider.GetRequiredService<IOptions<CacheOptions>>().Value.Bytes;
                    options.TrackStatistics = true;
                }))
            .AddSingleton(provider => new EmbeddingCache(
                provider.GetRequiredService<IMemoryCache>(),
                provider.GetRequiredService<IMeterFactory>().Create(ServiceMeter.Name),
                provider.GetRequiredService<TimeProvider>()
            ))
            .AddSingleton<ImageEmbedder>();
    }
}
