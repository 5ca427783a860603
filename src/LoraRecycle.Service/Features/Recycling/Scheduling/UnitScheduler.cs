using System.Collections.Specialized;
using System.Globalization;
using LoraRecycle.Service.Features.Recycling.Settings;
using LoraRecycle.Service.Platform.Storage;
using Microsoft.Extensions.Options;
using Quartz;
using Quartz.Impl;
using Quartz.Impl.Matchers;

namespace LoraRecycle.Service.Features.Recycling.Scheduling;

/// <summary>
/// Quartz on its persistent store, in the service's own database: which units are due, and which process takes the next.
/// On PostgreSQL it is clustered. Scheduling a unit twice is harmless, since starting one takes a claim.
/// </summary>
internal sealed class UnitScheduler(
    StateDatabase database,
    StateConnection connection,
    WorkerIdentity worker,
    UnitJobFactory factory,
    IOptions<JobsOptions> options
) : IAsyncDisposable
{
    private const string Name = "lora-recycle";

    private readonly SemaphoreSlim _making = new(1);
    private IScheduler? _scheduler;
    private bool _isStarted;

    /// <summary>Puts a unit on the list of what is due.</summary>
    /// <param name="job">The job's id.</param>
    /// <param name="unit">The unit's number.</param>
    /// <param name="at">Not before.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task ScheduleAsync(string job, int unit, DateTimeOffset at, CancellationToken cancellation)
    {
        var scheduler = await GetAsync(cancellation);
        var detail = JobBuilder.Create<UnitJob>().WithIdentity(KeyOf(job, unit)).RequestRecovery()
            .UsingJobData(UnitJob.JobId, job).UsingJobData(UnitJob.Number, unit.ToString(CultureInfo.InvariantCulture)).Build();
        var trigger = TriggerBuilder.Create().ForJob(detail).WithIdentity(Guid.NewGuid().ToString("N"), job).StartAt(at)
            .WithSimpleSchedule(schedule => schedule.WithMisfireHandlingInstructionFireNow()).Build();
        await scheduler.ScheduleJob(detail, [trigger], replace: true, cancellation);
    }

    /// <summary>Whether a unit is due, or being worked on as far as Quartz knows.</summary>
    public async Task<bool> KnowsAsync(string job, int unit, CancellationToken cancellation) =>
        await (await GetAsync(cancellation)).CheckExists(KeyOf(job, unit), cancellation);

    /// <summary>Takes all of a job off the list.</summary>
    public async Task ForgetAsync(string job, CancellationToken cancellation)
    {
        var scheduler = await GetAsync(cancellation);
        await scheduler.DeleteJobs([.. await scheduler.GetJobKeys(GroupMatcher<JobKey>.GroupEquals(job), cancellation)], cancellation);
    }

    /// <summary>Begins to take what is due.</summary>
    public async Task StartAsync(CancellationToken cancellation)
    {
        await (await GetAsync(cancellation)).Start(cancellation);
        _isStarted = true;
    }

    /// <summary>Takes no more, and waits for what runs.</summary>
    public async Task StopAsync(CancellationToken cancellation)
    {
        // One that was never started has nothing to wait for, and where it is clustered Quartz cannot shut it down.
        if (_isStarted && _scheduler is { IsShutdown: false } scheduler)
            await scheduler.Shutdown(waitForJobsToComplete: true, cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        _making.Dispose();
    }

    private static JobKey KeyOf(string job, int unit) => new(unit.ToString(CultureInfo.InvariantCulture), job);

    private async Task<IScheduler> GetAsync(CancellationToken cancellation)
    {
        if (_scheduler is { } made)
            return made;
        await _making.WaitAsync(cancellation);
        try
        {
            if (_scheduler is not null)
                return _scheduler;
            await database.PrepareAsync(cancellation); // its tables are there then
            var scheduler = await new StdSchedulerFactory(Properties()).GetScheduler(cancellation);
            scheduler.JobFactory = factory;
            return _scheduler = scheduler;
        }
        finally
        {
            _making.Release();
        }
    }

    private NameValueCollection Properties()
    {
        var (isSqlite, settings) = (connection.SqliteFile is not null, options.Value);
        var checkIn = settings.WorkerTimeout / 4;
        return new NameValueCollection
        {
            ["quartz.scheduler.instanceName"] = Name,
            // What a lone process left running it recovers by this name; among several each needs its own.
            ["quartz.scheduler.instanceId"] = isSqlite ? "single" : worker.Name,
            ["quartz.scheduler.idleWaitTime"] = "1000",
            ["quartz.scheduler.batchTriggerAcquisitionMaxCount"] = "1", // so that units spread over workers
            ["quartz.threadPool.maxConcurrency"] = Math.Max(1, settings.Devices.Length).ToString(CultureInfo.InvariantCulture),
            ["quartz.scheduler.typeLoadHelper.type"] = typeof(UnitJobNames).AssemblyQualifiedName,
            ["quartz.serializer.type"] = typeof(TextDataSerializer).AssemblyQualifiedName,
            ["quartz.jobStore.type"] = "Quartz.Impl.AdoJobStore.JobStoreTX, Quartz",
            ["quartz.jobStore.driverDelegateType"] =
                $"Quartz.Impl.AdoJobStore.{(isSqlite ? "SQLiteDelegate" : "PostgreSQLDelegate")}, Quartz",
            ["quartz.jobStore.useProperties"] = "true",
            ["quartz.jobStore.tablePrefix"] = "qrtz_",
            ["quartz.jobStore.dataSource"] = "state",
            ["quartz.jobStore.performSchemaValidation"] = "false",
            ["quartz.jobStore.clustered"] = isSqlite ? "false" : "true",
            ["quartz.jobStore.clusterCheckinInterval"] = ((int)checkIn.TotalMilliseconds).ToString(CultureInfo.InvariantCulture),
            ["quartz.jobStore.clusterCheckinMisfireThreshold"] = ((int)(settings.WorkerTimeout - checkIn).TotalMilliseconds).ToString(
                CultureInfo.InvariantCulture
            ),
            ["quartz.dataSource.state.provider"] = isSqlite ? "SQLite-Microsoft" : "Npgsql",
            ["quartz.dataSource.state.connectionString"] = connection.ConnectionString,
        };
    }
}
