using System.Globalization;
using LoraRecycle.Service.Jobs.Units;
using Quartz;
using Quartz.Spi;

namespace LoraRecycle.Service.Jobs.Scheduling;

/// <summary>What Quartz runs when a unit is due. All that can go wrong is the runner's business, so Quartz never sees a failure.</summary>
internal sealed class UnitJob(UnitRunner runner) : IJob
{
    public const string JobId = "job", Number = "unit";

    public async Task Execute(IJobExecutionContext context) => await runner.RunAsync(
        context.MergedJobDataMap.GetString(JobId)!, int.Parse(context.MergedJobDataMap.GetString(Number)!, CultureInfo.InvariantCulture), context.CancellationToken);
}

/// <summary>Makes them, with what they need.</summary>
internal sealed class UnitJobFactory(IServiceProvider services) : IJobFactory
{
    public IJob NewJob(TriggerFiredBundle bundle, IScheduler scheduler) => new UnitJob(services.GetRequiredService<UnitRunner>());

    public void ReturnJob(IJob job)
    {
    }
}
