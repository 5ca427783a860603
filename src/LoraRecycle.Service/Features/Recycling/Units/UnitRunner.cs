using System.Diagnostics;
using LoraRecycle.Core.Foundation.Devices;
using LoraRecycle.Service.Features.Recycling.Jobs;
using LoraRecycle.Service.Features.Recycling.Progress;
using LoraRecycle.Service.Features.Recycling.Scheduling;
using LoraRecycle.Service.Features.Recycling.Settings;
using LoraRecycle.Service.Features.Recycling.Units.Pace;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Features.Recycling.Units;

/// <summary>Works on a unit that is due, from its claim to its end, whichever that is.</summary>
internal sealed partial class UnitRunner(
    UnitClaims claims,
    JobTransactions transactions,
    JobAdvance advance,
    UnitScheduler scheduler,
    IEnumerable<IUnitWork> works,
    DevicePool devices,
    JobFolders folders,
    JobSignals signals,
    JobMetrics metrics,
    PaceFactory paces,
    WorkerStop stop,
    IOptions<JobsOptions> options,
    ILogger<UnitRunner> logger
)
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(500);

    public async Task RunAsync(string job, int number, CancellationToken cancellation)
    {
        if (stop.Token.IsCancellationRequested || devices.Take() is not { } device)
            return;
        using (device)
        {
            if (await claims.TryStartAsync(job, number, cancellation) is not { } claim)
                return;
            LogStarted(logger, job, number, claim.Unit.Kind, claim.Unit.Attempts, device.Device);
            var started = Stopwatch.GetTimestamp();
            var outcome = await WorkAsync(claim, device.Device);
            metrics.Ended(claim.Unit.Kind, outcome, Stopwatch.GetElapsedTime(started));
            LogEnded(logger, job, number, outcome, Stopwatch.GetElapsedTime(started).TotalSeconds);
        }
        // What is told here must reach the database although the process is asked to stop.
        await advance.AdvanceAsync(job, CancellationToken.None);
    }

    private async Task<UnitOutcome> WorkAsync(UnitClaim claim, string device)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
        var latest = new LatestProgress();
        using var heart = new UnitHeartbeat(claims, signals, claim, latest, ending);
        var beating = heart.RunAsync(Beat);
        try
        {
            var result = await ComputeAsync(claim, device, latest, ending.Token);
            await heart.StopAsync(beating);
            await latest.FlushAsync(claims, claim);
            if (!await claims.TryFinishAsync(claim, result, CancellationToken.None))
                return UnitOutcome.Lost;
            foreach (var other in folders.Others(claim.Job.Id, claim.Unit.Number, claim.Fence))
                Remove(other);
            return UnitOutcome.Done;
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            await heart.StopAsync(beating);
            return await LeaveAsync(claim, heart.Status, latest);
        }
        catch (Exception exception)
        {
            await heart.StopAsync(beating);
            return await FailAsync(claim, exception);
        }
    }

    private async Task<UnitResult> ComputeAsync(UnitClaim claim, string device, LatestProgress latest, CancellationToken cancellation)
    {
        var (job, number) = (claim.Job.Id, claim.Unit.Number);
        var units = await transactions.RunAsync(job, change => change.UnitsAsync(cancellation), cancellation) ?? [];
        var folder = folders.Of(job, number, claim.Fence);
        // A thread of its own: it computes for minutes, and libtorch keeps the number of its threads by thread.
        return await Task.Factory.StartNew(
            () =>
            {
                UnitHandover.Run(folders.Others(job, number, claim.Fence), folder);
                ComputeThreads.Use(options.Value.Threads);
                var on = DeviceName.Resolve(device);
                var task = new UnitTask(claim, units, on, folder, paces.For(on).Wait);
                return TorchException.Guard(() => works.Single(work => work.Kind == claim.Unit.Kind).Run(task, latest.Set, cancellation));
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    private async Task<UnitOutcome> LeaveAsync(UnitClaim claim, ClaimStatus status, LatestProgress latest)
    {
        switch (status)
        {
            case ClaimStatus.Lost:
                Remove(folders.Of(claim.Job.Id, claim.Unit.Number, claim.Fence));
                return UnitOutcome.Lost;
            case ClaimStatus.NotNeeded:
                await claims.AbandonAsync(claim, CancellationToken.None);
                return UnitOutcome.Cancelled;
            default:
                await latest.FlushAsync(claims, claim);
                if (await claims.ReleaseAsync(claim, CancellationToken.None))
                    await scheduler.ScheduleAsync(claim.Job.Id, claim.Unit.Number, DateTimeOffset.UnixEpoch, CancellationToken.None);
                return UnitOutcome.Released;
        }
    }

    private async Task<UnitOutcome> FailAsync(UnitClaim claim, Exception exception)
    {
        LogFailed(logger, exception, claim.Job.Id, claim.Unit.Number, claim.Unit.Attempts);
        // A client learns what went wrong, not where this server keeps its files.
        var reason = exception.Message.Replace(folders.Of(claim.Job.Id), "the job's folder", StringComparison.Ordinal);
        if (await claims.FailAsync(claim, reason, exception is LastingFailureException, CancellationToken.None) is { } next)
            await scheduler.ScheduleAsync(claim.Job.Id, claim.Unit.Number, next, CancellationToken.None);
        return UnitOutcome.Failed;
    }

    private void Remove(string folder)
    {
        try
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            LogLeft(logger, folder, exception.Message);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Job {Job}: unit {Unit} ({Kind}) started on {Device}, attempt {Attempt}")]
    private static partial void LogStarted(ILogger logger, string job, int unit, UnitKind kind, int attempt, string device);

    [LoggerMessage(2, LogLevel.Information, "Job {Job}: unit {Unit} ended: {Outcome}, after {Seconds:0.0} s")]
    private static partial void LogEnded(ILogger logger, string job, int unit, UnitOutcome outcome, double seconds);

    [LoggerMessage(3, LogLevel.Error, "Job {Job}: attempt {Attempt} of unit {Unit} failed")]
    private static partial void LogFailed(ILogger logger, Exception exception, string job, int unit, int attempt);

    [LoggerMessage(4, LogLevel.Warning, "The folder {Folder} is no longer needed but cannot be removed: {Reason}")]
    private static partial void LogLeft(ILogger logger, string folder, string reason);
}
