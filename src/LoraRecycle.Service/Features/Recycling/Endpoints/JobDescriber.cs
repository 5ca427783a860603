using LoraRecycle.Service.Features.Recycling.Jobs;
using static LoraRecycle.Service.Features.Recycling.Endpoints.JobHistory;

namespace LoraRecycle.Service.Features.Recycling.Endpoints;

/// <summary>Makes of the rows of a job that recycles what a client gets.</summary>
internal sealed class JobDescriber(JobHistory history)
{
    public static JobSummary Summary(RecycleJob job) =>
        new(job.Id, Name(job.State), Name(job.Stage), job.MetaLora, job.Created, job.Started, job.Ended, job.Error);

    public async Task<JobResponse> DescribeAsync(RecycleJob job, IReadOnlyList<RecycleUnit> units, CancellationToken cancellation)
    {
        var course = await history.OfAsync(job, units, cancellation);
        var settings = job.Settings;
        var results = units.Select(unit => unit.Result).OfType<UnitResult>().ToArray();
        return new JobResponse(
            Summary(job),
            course.Progress,
            course.Units,
            LorasOf(job, units, results),
            course.Losses,
            results.Select(result => result.Evaluation).FirstOrDefault(evaluation => evaluation is not null),
            job.Activation,
            new JobSettings(settings.Inversion, settings.Distillation, settings.Together, settings.MinimumLoras, Name(settings.Activate)),
            course.Log);
    }

    private static IReadOnlyList<JobLora> LorasOf(RecycleJob job, IReadOnlyList<RecycleUnit> units, UnitResult[] results)
    {
        var unitOf = units
            .Where(unit => unit.Kind == UnitKind.Invert)
            .SelectMany(unit => unit.Loras.Select(lora => (lora, unit.Number)))
            .ToDictionary(pair => pair.lora, pair => pair.Number, StringComparer.Ordinal);
        var pools = results.SelectMany(result => result.Pools ?? []).ToDictionary(pool => pool.Lora, StringComparer.Ordinal);
        return
        [
            .. job.Loras.Select(lora => new JobLora(
                lora.Id,
                lora.Name,
                unitOf[lora.Id],
                pools.GetValueOrDefault(lora.Id)?.BestLoss,
                pools.GetValueOrDefault(lora.Id)?.Failure
            )),
        ];
    }
}
