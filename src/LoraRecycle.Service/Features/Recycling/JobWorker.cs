using LoraRecycle.Service.Features.Recycling.Jobs;
using LoraRecycle.Service.Features.Recycling.Progress;
using LoraRecycle.Service.Features.Recycling.Scheduling;
using LoraRecycle.Service.Features.Recycling.Settings;
using LoraRecycle.Service.Platform.Startup;
using LoraRecycle.Service.Platform.Storage;
using Microsoft.Extensions.Options;
using Quartz;

namespace LoraRecycle.Service.Features.Recycling;

/// <summary>
/// This process's part in jobs: it takes units that are due and sweeps, or, where it only answers requests, counts. It
/// begins as soon as there is a database, which with SQLite the first job makes.
/// </summary>
internal sealed partial class JobWorker(
    StateDatabase database,
    StateConnection connection,
    UnitScheduler scheduler,
    JobSweep sweep,
    JobSignals signals,
    IOptions<JobsOptions> options,
    PageFirst pageFirst,
    TimeProvider time,
    ILogger<JobWorker> logger
) : BackgroundService, IAsyncDisposable
{
    private volatile bool _isWorking, _isWell;
    private FileStream? _claim;

    /// <summary>Whether units are taken, and the last look at the database succeeded.</summary>
    public bool IsWorking => _isWorking && _isWell;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var period = options.Value.WorkerTimeout / 4;
        if (!await pageFirst.WaitAsync(stoppingToken))
            return;
        while (!stoppingToken.IsCancellationRequested)
        {
            var next = signals.Next;
            try
            {
                if (database.IsThere)
                    await (options.Value.Role == JobRole.Api ? sweep.CountAsync(stoppingToken) : WorkAsync(stoppingToken));
                if (_isWorking || options.Value.Role == JobRole.Api)
                    await Task.Delay(period, time, stoppingToken);
                else
                    await signals.WaitAsync(next, period, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
                when (exception is SchedulerException || StateFailures.IsUnusable(exception) || StateFailures.IsConflict(exception))
            {
                _isWell = false;
                LogFailed(logger, exception);
                await Task.Delay(period, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await scheduler.StopAsync(cancellationToken);
        Release();
    }

    /// <summary>For a host that is disposed without being stopped: what it works with is disposed after it.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        Dispose();
    }

    private async Task WorkAsync(CancellationToken cancellation)
    {
        if (!_isWorking)
        {
            if (connection.SqliteFile is { } file)
            {
                if (!TryClaim(file))
                {
                    await sweep.CountAsync(cancellation);
                    return;
                }
                await sweep.TakeUpAsync(cancellation);
            }
            await scheduler.StartAsync(cancellation);
            _isWorking = true;
            LogStarted(logger, string.Join(", ", options.Value.Devices));
        }
        await sweep.RunAsync(cancellation);
        _isWell = true;
    }

    /// <summary>
    /// Of the processes that share a file of SQLite one works on jobs, since it takes whatever is left running for its own. The system
    /// ends the claim with the process, and another one has it then.
    /// </summary>
    private bool TryClaim(string sqliteFile)
    {
        try
        {
            _claim ??= new FileStream(
                $"{sqliteFile}.jobs.lock",
                FileMode.OpenOrCreate,
                FileAccess.ReadWrite,
                FileShare.None,
                bufferSize: 1
            );
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private void Release() => Interlocked.Exchange(ref _claim, null)?.Dispose();

    [LoggerMessage(1, LogLevel.Information, "Working on recycling jobs on {Devices}")]
    private static partial void LogStarted(ILogger logger, string devices);

    [LoggerMessage(2, LogLevel.Warning, "Recycling jobs cannot be processed at the moment; trying again")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
