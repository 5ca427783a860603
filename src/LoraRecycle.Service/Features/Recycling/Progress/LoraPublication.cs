using LoraRecycle.Core.Adapters.Storage;
using LoraRecycle.Service.Features.Loras.Inspection;
using LoraRecycle.Service.Features.Loras.Storage;
using LoraRecycle.Service.Features.Recycling.Jobs;
using LoraRecycle.Service.Features.Recycling.Settings;
using LoraRecycle.Service.Platform.Http.Errors;

namespace LoraRecycle.Service.Features.Recycling.Progress;

/// <summary>Gives the LoRA that a job tuned its place in the market, by the way that an upload takes. Two who do it for one job add one
/// LoRA, since its id follows from its files.</summary>
internal sealed class LoraPublication(JobFolders folders, UploadedLoras uploaded, LoraCheck check)
{
    /// <returns>Why it cannot be added; null when it is there.</returns>
    public async Task<string?> PublishAsync(RecycleJob job, IReadOnlyList<RecycleUnit> units, CancellationToken cancellation)
    {
        var tuned = units.Single(unit => unit.Kind == UnitKind.Tune);
        if (uploaded.Find(tuned.Result!.Lora!) is not null)
            return null;
        var made = folders.Lora(job.Id, tuned.Number, tuned.Result.Fence);
        try
        {
            using var upload = uploaded.Receive();
            upload.Name = job.Tuning.Name;
            foreach (var name in AdapterFiles.Names.Where(name => File.Exists(Path.Combine(made, name))))
            {
                await using var file = File.OpenRead(Path.Combine(made, name));
                await upload.AddAsync(name, file, cancellation);
            }
            LoraFiles.RequireWhole(upload.Files);
            _ = await uploaded.KeepAsync(upload, await check.ReadAsync(upload, cancellation), cancellation);
            return null;
        }
        catch (ProblemException exception)
        {
            return $"The LoRA could not be added to the market: {exception.Message}";
        }
    }
}
