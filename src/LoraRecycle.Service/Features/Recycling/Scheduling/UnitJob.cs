using System.Globalization;
using Quartz;
using Quartz.Spi;

namespace LoraRecycle.Service.Features.Recycling.Scheduling;

/// <summary>Works on a unit of a job, if nobody else does.</summary>
internal delegate Task RunUnit(string job, int unit, CancellationToken cancellation);

/// <summary>What Quartz runs when a unit is due. All that can go wrong is the runner's business, so Quartz never sees a failure.</summary>
internal sealed class UnitJob(RunUnit run) : IJob
{
    public const string JobId = "job", Number = "unit";

    public async Task Execute(IJobExecutionContext context) =>
        await run(
            context.MergedJobDataMap.GetString(JobId)!,
            int.Parse(context.MergedJobDataMap.GetString(Number)!, CultureInfo.InvariantCulture),
            context.CancellationToken
        );
}

/// <summary>Makes them, with what they need.</summary>
internal sealed class UnitJobFactory(IServiceProvider services) : IJobFactory
{
    public IJob NewJob(TriggerFiredBundle bundle, IScheduler scheduler) => new UnitJob(services.GetRequiredService<RunUnit>());

    public void ReturnJob(IJob job)
    {
    }
}
