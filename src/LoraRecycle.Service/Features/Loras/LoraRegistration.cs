using LoraRecycle.Service.Features.Loras.Inspection;
using LoraRecycle.Service.Features.Loras.Storage;
using LoraRecycle.Service.Features.Loras.Uploads;
using LoraRecycle.Service.Platform.Http.Bodies;
using LoraRecycle.Service.Platform.OpenApi;
using LoraRecycle.Service.Platform.Startup;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Features.Loras;

internal static partial class LoraRegistration
{
    /// <summary>The market of LoRAs: where it is kept, and what it takes in.</summary>
    public static IServiceCollection AddLoras(this IServiceCollection services) => services
        .AddValidatedOptions<LoraOptions>(LoraOptions.Section)
        .AddSingleton<IValidateOptions<LoraOptions>, NamedMarketExists>()
        .AddJson(LoraAnswersJson.Default)
        .AddOperationFilter<LoraBodyFilter>()
        .AddSingleton<LoraLeases>()
        .AddSingleton<UploadedLoras>()
        .AddSingleton<ShippedLoras>()
        .AddSingleton<LoraMarket>()
        .AddSingleton<LoraUploadReader>()
        .AddSingleton<LoraCheck>()
        .AddSingleton<LoraInspector>()
        .AddHostedService<LeftoverUploads>();

    /// <summary>Sweeps at the start, before the first request.</summary>
    private sealed partial class LeftoverUploads(UploadedLoras uploaded, ILogger<LeftoverUploads> logger) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            try
            {
                UploadSweep.Run(uploaded.Uploads);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                LogNotSwept(logger, uploaded.Uploads, exception.Message); // in nobody's way, but of space
            }
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        [LoggerMessage(1, LogLevel.Warning, "The remains of unfinished uploads in {Folder} cannot be removed: {Reason}")]
        private static partial void LogNotSwept(ILogger logger, string folder, string reason);
    }
}
