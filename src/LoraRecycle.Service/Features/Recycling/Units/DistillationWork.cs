using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using LoraRecycle.Core.Foundation;
using LoraRecycle.Core.Foundation.Devices;
using LoraRecycle.Core.Method.Distillation;
using LoraRecycle.Core.Method.Distillation.Training;
using LoraRecycle.Core.Method.Recycling;
using LoraRecycle.Service.Features.Loras.Storage;
using LoraRecycle.Service.Features.Recycling.Jobs;
using LoraRecycle.Service.Features.Recycling.Settings;
using LoraRecycle.Service.Serving.Configuration;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Features.Recycling.Units;

/// <summary>One meta-LoRA out of the pools of all inversions.</summary>
internal sealed class DistillationWork(
    LoraMarket market,
    IOptions<ModelsOptions> models,
    JobPrior prior,
    JobFolders folders,
    TimeProvider time
) : IUnitWork
{
    private const string CheckpointName = "distillation.checkpoint";

    public UnitKind Kind => UnitKind.Distill;

    public UnitResult Run(UnitTask task, Action<UnitProgress> progress, CancellationToken cancellation)
    {
        var (claim, stamp) = (task.Claim, time.GetTimestamp());
        var inversions = task
            .Units.Where(unit => unit.Kind == UnitKind.Invert)
            .Select(unit => (unit.Number, Result: JsonSerializer.Deserialize(unit.Result!, RecycleJson.Default.UnitResult)!))
            .ToArray();
        var kept = inversions
            .SelectMany(unit =>
                unit.Result.Pools!.Where(pool => pool.Failure is null)
                    .Select(pool => new PooledLora(
                        market.DirectoryOf(pool.Lora),
                        Path.Combine(folders.Of(claim.Job.Id, unit.Number, unit.Result.Fence), pool.Lora)
                    ))
            )
            .ToArray();
        try
        {
            var report = new PoolDistillation(models.Value.FindModel()!, [task.Device], task.Precision, task.Settings.Distillation)
            {
                Pace = task.Pace,
            }.Run(
                kept,
                Path.Combine(task.Folder, CheckpointName),
                folders.MetaLora(claim.Job.Id, claim.Unit.Number, claim.Fence),
                (model, result) =>
                    Describe(
                        task,
                        model,
                        inversions.SelectMany(unit => unit.Result.Pools!),
                        inversions.Sum(unit => unit.Result.Seconds),
                        result,
                        time.GetElapsedTime(stamp)
                    ),
                RecyclingReport.Json,
                new InlineProgress<DistillationProgress>(steps =>
                    progress(new UnitProgress(steps.Iteration, steps.Iterations, double.IsFinite(steps.Loss) ? steps.Loss : null))
                ),
                cancellation
            );
            return new UnitResult(claim.Fence, Seconds: report.Distillation.StepSeconds, Losses: report.Distillation.Losses);
        }
        catch (DistillationException exception)
        {
            throw new LastingFailureException(exception.Message, exception);
        }
    }

    private RecyclingReport Describe(
        UnitTask task,
        string model,
        IEnumerable<UnitPool> pools,
        double deviceSeconds,
        DistillationResult result,
        TimeSpan elapsed
    )
    {
        var job = task.Claim.Job;
        var names = JsonSerializer
            .Deserialize(job.Loras, RecycleJson.Default.IReadOnlyListRecycledLoraName)!
            .ToDictionary(lora => lora.Id, StringComparer.Ordinal);
        var loras = pools
            .Select(pool => new RecycledLora(
                names[pool.Lora].Name ?? pool.Lora,
                pool.Lora,
                market.Find(pool.Lora)?.Facts.Classes ?? [],
                pool.BestLoss,
                pool.Failure
            ))
            .ToArray();
        return new RecyclingReport
        {
            Model = model,
            Prior = task.Settings.Inversion.PriorWeight == 0 || prior.Path is null ? null : Path.GetFileName(prior.Path),
            Devices = [task.Device.ToString()],
            Precision = task.Precision.ToString(),
            Version = ProductVersion.Text,
            Library = TorchLibrary.Version,
            MarketRevision = Convert.ToHexStringLower(
                SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', loras.Select(lora => $"{lora.Name} {lora.Revision}"))))
            ),
            Loras = loras,
            Inversion = new InversionStage(
                task.Settings.Inversion,
                task.Settings.Together,
                (task.Claim.Job.StageStarted - (job.Started ?? job.Created)).TotalSeconds,
                deviceSeconds
            ),
            Distillation = new DistillationStage(task.Settings.Distillation, elapsed.TotalSeconds, result.Seconds, result.Losses),
            Started = job.Started ?? job.Created,
            Seconds = (time.GetUtcNow() - (job.Started ?? job.Created)).TotalSeconds,
        };
    }
}
