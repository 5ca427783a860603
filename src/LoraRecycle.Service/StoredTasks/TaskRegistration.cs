using LoraRecycle.Service.Configuration;
using LoraRecycle.Service.State;

namespace LoraRecycle.Service.StoredTasks;

internal static partial class TaskRegistration
{
    /// <summary>Support sets that are kept: their rows, their images, what answers from them.</summary>
    public static IServiceCollection AddStoredTasks(this IServiceCollection services) => services
        .AddValidatedOptions<TaskOptions>(TaskOptions.Section)
        .AddSingleton<BlobStore>()
        .AddSingleton<TaskStore>()
        .AddSingleton<ReadyTasks>()
        .AddSingleton<TaskMetrics>()
        .AddSingleton<TaskWearing>()
        .AddSingleton<TaskRenewal>()
        .AddHostedService(provider => provider.GetRequiredService<TaskRenewal>())
        .AddSingleton<TaskAnswers>()
        .AddSingleton<TaskEditor>()
        .AddHostedService<LeftoverBlobs>();

    /// <summary>Sweeps at the start what a process that was killed left behind.</summary>
    private sealed partial class LeftoverBlobs(BlobStore blobs, StateDatabase database, ILogger<LeftoverBlobs> logger) : IHostedService
    {
        public async Task StartAsync(CancellationToken cancellationToken)
        {
            if (!database.IsThere)
                return;
            try
            {
                await blobs.SweepAsync(cancellationToken);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException || StateFailures.IsUnavailable(exception))
            {
                LogNotSwept(logger, exception.Message); // in nobody's way, but of space
            }
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        [LoggerMessage(1, LogLevel.Warning, "What unfinished requests left of images cannot be removed: {Reason}")]
        private static partial void LogNotSwept(ILogger logger, string reason);
    }
}
