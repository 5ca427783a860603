using LoraRecycle.Service.Features.Loras.Storage;
using LoraRecycle.Service.Features.MetaLoras;
using LoraRecycle.Service.Features.Recycling.Jobs;
using LoraRecycle.Service.Features.Recycling.Settings;
using LoraRecycle.Service.Platform.Http.Errors;
using LoraRecycle.Service.Platform.Storage;
using Microsoft.EntityFrameworkCore;

namespace LoraRecycle.Service.Features.Recycling.Requests;

/// <summary>Makes a job of a request: freezes what it works on, plans its units, and puts them on the list.</summary>
internal sealed partial class JobIntake(
    StateDatabase database, LoraLeases leases, LoraSelection selection, LoraMarket market, MetaLoraStore store, JobAdmission admission,
    TimeProvider time, ILogger<JobIntake> logger)
{
    /// <exception cref="ProblemException">It cannot be met.</exception>
    public async Task<RecycleJob> AcceptAsync(ReadRecycleRequest read, CancellationToken cancellation)
    {
        var id = Guid.CreateVersion7().ToString("N");
        var name = read.Name ?? $"recycled-{id[^12..]}";
        var loras = selection.Select(read.Request);
        if (read.Settings.MinimumLoras > loras.Count)
            throw new ProblemException(
                RecycleProblems.InvalidSetting,
                $"Expected at most {loras.Count}, the number of LoRAs in the job.",
                "minimumLoras"
            );
        if (store.Find(name) is not null)
            throw JobAdmission.Taken();
        await leases.ReleaseAsync(id, cancellation); // opens the database: what cannot be kept is not begun
        var ids = loras.Select(lora => lora.Id).ToArray();
        var gone = await leases.HoldAsync(id, ids, cancellation);
        try
        {
            if (ids.FirstOrDefault(lora => gone.Contains(lora) || market.Find(lora) is null) is { } deleted)
                throw new ProblemException(
                    RecycleProblems.UnknownLora,
                    $"The LoRA {deleted} was deleted while the job was being created.",
                    "loras"
                );
            return await AdmitAsync(id, name, loras, read.Settings, cancellation);
        }
        catch (Exception exception) when (!StateFailures.IsUnavailable(exception)) // or the sweep does that when the database is back
        {
            await ReleaseUnlessMadeAsync(id);
            throw;
        }
    }

    private async Task<RecycleJob> AdmitAsync(
        string id,
        string name,
        IReadOnlyList<Lora> loras,
        RecycleSettings settings,
        CancellationToken cancellation
    )
    {
        var now = time.GetUtcNow();
        var job = new RecycleJob
        {
            Id = id,
            Kind = JobKind.Recycle,
            Created = now,
            State = JobState.Queued,
            Stage = JobStage.Waiting,
            StageStarted = now,
            MetaLora = name,
            ClaimedName = name,
            Asked = settings,
            Loras = [.. loras.Select(lora => new RecycledLoraName(lora.Id, lora.Facts.Name, (int)lora.Facts.ClassCount!))],
        };
        await admission.AdmitAsync(job, [.. UnitPlan.Of(job, loras, settings, now)], $"{loras.Count} LoRAs", cancellation);
        LogAccepted(logger, id, loras.Count, name);
        return job;
    }

    private async Task ReleaseUnlessMadeAsync(string id)
    {
        await using var context = await database.OpenAsync(CancellationToken.None);
        if (!await context.Set<RecycleJob>().AnyAsync(job => job.Id == id))
            await leases.ReleaseAsync(id, CancellationToken.None);
    }

    [LoggerMessage(1, LogLevel.Information, "Job {Job} was accepted: {Loras} LoRAs into meta-LoRA {MetaLora}")]
    private static partial void LogAccepted(ILogger logger, string job, int loras, string metaLora);
}
