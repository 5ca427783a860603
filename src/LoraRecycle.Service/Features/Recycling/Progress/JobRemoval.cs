using LoraRecycle.Service.Features.Loras.Storage;
using LoraRecycle.Service.Features.Recycling.Jobs;
using LoraRecycle.Service.Features.Recycling.Settings;
using LoraRecycle.Service.Platform.Http.Errors;
using LoraRecycle.Service.Platform.Storage;
using Microsoft.EntityFrameworkCore;

namespace LoraRecycle.Service.Features.Recycling.Progress;

/// <summary>Removes jobs that have ended. Files go first: a job whose files are still there can still be asked to go.</summary>
internal sealed class JobRemoval(StateDatabase database, JobFolders folders)
{
    /// <exception cref="ProblemException">The files cannot be removed.</exception>
    public async Task RemoveAsync(string job, CancellationToken cancellation)
    {
        try
        {
            folders.Delete(job);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw LoraUpload.NotStored(exception);
        }
        await using var context = await database.OpenAsync(cancellation);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellation);
        await context.Set<RecycleEvent>().Where(one => one.JobId == job).ExecuteDeleteAsync(cancellation);
        await context.Set<RecycleUnit>().Where(one => one.JobId == job).ExecuteDeleteAsync(cancellation);
        await context.Set<RecycleJob>().Where(one => one.Id == job).ExecuteDeleteAsync(cancellation);
        await transaction.CommitAsync(cancellation);
    }
}
