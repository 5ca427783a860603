using LoraRecycle.Service.Features.MetaLoras;
using LoraRecycle.Service.Features.StoredTasks.Ready;
using LoraRecycle.Service.Features.StoredTasks.Storage;
using LoraRecycle.Service.Platform.Http.Bodies;
using LoraRecycle.Service.Platform.Startup;
using LoraRecycle.Service.Platform.Storage;

namespace LoraRecycle.Service.Features.StoredTasks;

internal static partial class TaskRegistration
{
    /// <summary>Support sets that are kept: their rows, their images, what answers from them.</summary>
    public static IServiceCollection AddStoredTasks(this IServiceCollection services) => services
        .AddValidatedOptions<TaskOptions>(TaskOptions.Section)
        .AddJson(TaskJson.Default)
        .AddSingleton<BlobStore>()
        .AddSingleton<TaskStore>()
        .AddSingleton<ReadyTasks>()
        .AddSingleton<TaskMetrics>()
        .AddSingleton<TaskAdapters>()
        .AddSingleton<TaskRenewal>()
        .AddHostedService(provider => provider.GetRequiredService<TaskRenewal>())
        .AddSingleton<TaskAnswers>()
        .AddSingleton<TaskEditor>()
        .AddSingleton<MetaLoraUse>(provider => provider.GetRequiredService<TaskStore>().UseAsync)
        .AddHostedService<LeftoverBlobs>();

    /// <summary>Sweeps at the start what a process that was killed left behind.</summary>
    private sealed partial class LeftoverBlobs(BlobStore blobs, StateDatabase database, PageFirst pageFirst, ILogger<LeftoverBlobs> logger)
        : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            if (!database.IsThere || !await pageFirst.WaitAsync(stoppingToken))
                return;
            try
            {
                await blobs.SweepAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                // The server ends, and the next start sweeps.
            }
            catch (Exception exception)
                when (exception is IOException or UnauthorizedAccessException || StateFailures.IsUnusable(exception))
            {
                LogNotSwept(logger, exception.Message); // in nobody's way, but of space
            }
        }

        [LoggerMessage(1, LogLevel.Warning, "The remains of unfinished uploads of images cannot be removed: {Reason}")]
        private static partial void LogNotSwept(ILogger logger, string reason);
    }
}
