using LoraRecycle.Service.Features.Recycling.Jobs;
using LoraRecycle.Service.Features.Recycling.Progress;
using LoraRecycle.Service.Platform.Http.Errors;

namespace LoraRecycle.Service.Features.Recycling.Endpoints;

/// <summary>What deleting a job means: an active one is cancelled, one that has ended is removed.</summary>
internal sealed class JobEnding(JobReader jobs, JobAdvance advance, JobRemoval removal)
{
    /// <returns>The job, which is being cancelled; null where it was removed.</returns>
    /// <exception cref="ProblemException">There is none, or its files cannot be removed.</exception>
    public async Task<RecycleJob?> EndAsync(JobKind kind, string id, CancellationToken cancellation)
    {
        var (job, _) = await jobs.FindAsync(kind, id, cancellation);
        if (job.State.IsFinal())
        {
            await removal.RemoveAsync(id, cancellation);
            return null;
        }
        await advance.CancelAsync(id, cancellation);
        return (await jobs.FindAsync(kind, id, cancellation)).Job;
    }
}
