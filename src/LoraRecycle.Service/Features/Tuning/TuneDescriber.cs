using LoraRecycle.Service.Features.Loras.Storage;
using LoraRecycle.Service.Features.Recycling.Endpoints;
using LoraRecycle.Service.Features.Recycling.Jobs;
using static LoraRecycle.Service.Features.Recycling.Endpoints.JobHistory;

namespace LoraRecycle.Service.Features.Tuning;

/// <summary>Makes of the rows of a job that tunes what a client gets.</summary>
internal sealed class TuneDescriber(JobHistory history, LoraMarket market)
{
    /// <param name="job">The job.</param>
    /// <param name="tuned">The id that its LoRA has or will have; null until that is known.</param>
    public TuneJobSummary Summary(RecycleJob job, string? tuned)
    {
        var lora = job.State == JobState.Succeeded ? tuned : null;
        return new TuneJobSummary(
            job.Id,
            Name(job.State),
            Name(job.Stage),
            // One that was in the market already keeps the name that it had.
            lora is null ? job.Tuning.Name : market.Find(lora)?.Facts.Name ?? job.Tuning.Name,
            lora,
            job.Created,
            job.Started,
            job.Ended,
            job.Error
        );
    }

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
