using LoraRecycle.Service.Platform.Http.Errors;
using LoraRecycle.Service.Platform.Startup;
using LoraRecycle.Service.Platform.Storage.Locks;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Platform.Storage;

internal static partial class StateRegistration
{
    /// <summary>The database: SQLite's file in the data directory, or PostgreSQL.</summary>
    public static IServiceCollection AddState(this IServiceCollection services) => services
        .AddValidatedOptions<StateOptions>(StateOptions.Section)
        .AddSingleton<IValidateOptions<StateOptions>, StateIsReachable>()
        .AddSingleton<StateConnection>()
        .AddPooledDbContextFactory<StateContext>((provider, builder) => Configure(builder, provider.GetRequiredService<StateConnection>()))
        .AddSingleton<StateDatabase>()
        .AddSingleton<SettingStore>()
        .AddSingleton<ExceptionTranslation>(exception => StateFailures.IsUnusable(exception) ? StateProblems.Of(exception) : null)
        .AddHostedService<PreparedAtTheStart>();

    internal static void Configure(DbContextOptionsBuilder builder, StateConnection connection)
    {
        if (connection.SqliteFile is null)
            builder.UseNpgsql(connection.ConnectionString);
        else
            builder.UseSqlite(connection.ConnectionString);
        builder.AddInterceptors(new LockWaits());
        // The migrations are written by hand, without snapshots of the model; a test holds the one against the other.
        builder.ConfigureWarnings(warnings => warnings
            .Ignore(RelationalEventId.PendingModelChangesWarning)
            // Each of these comes with an exception, and whoever meets that knows whether it is worth a line.
            .Log(
                (RelationalEventId.CommandError, LogLevel.Debug), (RelationalEventId.ConnectionError, LogLevel.Debug),
                (CoreEventId.QueryIterationFailed, LogLevel.Debug), (CoreEventId.SaveChangesFailed, LogLevel.Debug),
                (CoreEventId.OptimisticConcurrencyException, LogLevel.Debug)));
    }

    private sealed partial class PreparedAtTheStart(
        StateDatabase database, PageFirst pageFirst, IHostApplicationLifetime lifetime, ILogger<StateDatabase> logger) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            if (!database.IsThere || !await pageFirst.WaitAsync(stoppingToken))
                return;
            try
            {
                await database.PrepareAsync(stoppingToken);
            }
            catch (StateUnavailableException exception)
            {
                LogUnavailable(logger, exception.Message);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                // The server ends.
            }
            catch (StateVersionException exception)
            {
                LogNewer(logger, exception.Message);
                Environment.ExitCode = 1;
                lifetime.StopApplication();
            }
        }

        [LoggerMessage(1, LogLevel.Warning, "Requests that need the database get 503 until it is available. {Reason}")]
        private static partial void LogUnavailable(ILogger logger, string reason);

        [LoggerMessage(2, LogLevel.Critical, "The server stops. {Reason}")]
        private static partial void LogNewer(ILogger logger, string reason);
    }
}
