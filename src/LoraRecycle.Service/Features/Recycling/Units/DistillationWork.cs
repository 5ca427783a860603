using LoraRecycle.Core.Foundation;
using LoraRecycle.Core.Method.Distillation;
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
    public UnitKind Kind => UnitKind.Distill;

    public UnitResult Run(UnitTask task, Action<UnitProgress> progress, CancellationToken cancellation)
    {
        var (claim, settings) = (task.Claim, task.Settings.Distillation);
        var inversions = task.Units.Where(unit => unit.Kind == UnitKind.Invert).ToArray();
        var kept = inversions.SelectMany(unit =>
            unit.Result!.Pools!.Where(pool => pool.Failure is null)
                .Select(pool => new PooledLora(
                    market.DirectoryOf(pool.Lora),
                    Path.Combine(folders.Of(claim.Job.Id, unit.Number, unit.Result.Fence), pool.Lora)
                ))
        );
        var record = Record(task, [.. inversions.Select(unit => unit.Result!)]);
        try
        {
            var report = new PoolDistillation(models.Value.FindModel()!, [task.Device], task.Precision, settings) { Pace = task.Pace }.Run(
                [.. kept],
                PoolDistillation.CheckpointIn(task.Folder),
                folders.MetaLora(claim.Job.Id, claim.Unit.Number, claim.Fence),
                // A job's record has the settings that it was accepted with.
                (model, result) => record.End(model, result with { Settings = settings }),
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

    private RecyclingRecord Record(UnitTask task, IReadOnlyList<UnitResult> inversions)
    {
        var (job, settings) = (task.Claim.Job, task.Settings);
        var started = job.Started ?? job.Created;
        var names = job.Loras.ToDictionary(lora => lora.Id, StringComparer.Ordinal);
        var loras = inversions
            .SelectMany(unit => unit.Pools!)
            .Select(pool => new RecycledLora(
                names[pool.Lora].Name ?? pool.Lora,
                pool.Lora,
                market.Find(pool.Lora)?.Facts.Classes ?? [],
                pool.BestLoss,
                pool.Failure
            ));
        return new RecyclingRecord(
            settings.Inversion.PriorWeight == 0 || prior.Path is null ? null : Path.GetFileName(prior.Path),
            [task.Device],
            task.Precision,
            [.. loras],
            new InversionStage(
                settings.Inversion,
                settings.Together,
                (job.StageStarted - started).TotalSeconds,
                inversions.Sum(unit => unit.Seconds)
            ),
            started,
            time
        );
    }
}
