using LoraRecycle.Service.Features.Recycling.Endpoints;
using LoraRecycle.Service.Features.Recycling.Jobs;
using static LoraRecycle.Service.Features.Recycling.Endpoints.JobHistory;

namespace LoraRecycle.Service.Features.Tuning;

/// <summary>Makes of the rows of a job that tunes what a client gets.</summary>
internal sealed class TuneDescriber(JobHistory history)
{
    public static TuneJobSummary Summary(RecycleJob job, string? lora) =>
        new(
            job.Id,
            Name(job.State),
            Name(job.Stage),
            job.Tuning.Name,
            job.State == JobState.Succeeded ? lora : null,
            job.Created,
            job.Started,
            job.Ended,
            job.Error
        );

    public async Task<TuneJobResponse> DescribeAsync(RecycleJob job, IReadOnlyList<RecycleUnit> units, CancellationToken cancellation)
    {
        var course = await history.OfAsync(job, units, cancellation);
        var (settings, result) = (job.Tuning, units.Single().Result);
        return new TuneJobResponse(
            Summary(job, result?.Lora),
            course.Progress,
            course.Units,
            settings.Classes,
            course.Losses,
            result?.Tuning,
            new TuneJobSettings(settings.Task, settings.HeldOut, settings.Tuning),
            course.Log);
    }
}
