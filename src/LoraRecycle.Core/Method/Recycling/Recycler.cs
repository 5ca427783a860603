using LoraRecycle.Core.Foundation;
using LoraRecycle.Core.Method.Distillation;
using LoraRecycle.Core.Method.Inversion;
using LoraRecycle.Core.Method.Inversion.Building;

namespace LoraRecycle.Core.Method.Recycling;

/// <summary>
/// LoRA Recycle as a whole (the paper's section 3): many LoRAs are inverted into synthetic images, and these distilled into
/// one meta-LoRA. Whatever ends it, the next run of the same plan goes on where it was and ends in the same meta-LoRA.
/// </summary>
/// <param name="plan">What to recycle.</param>
/// <param name="time">The clock of the record.</param>
public sealed class Recycler(RecyclingPlan plan, TimeProvider time)
{
    /// <param name="progress">Told of both stages, from one thread at a time.</param>
    /// <param name="cancellation">Ends the work after a last checkpoint.</param>
    /// <exception cref="InversionException">A LoRA cannot be inverted, or none could be; those that diverge are left out.</exception>
    /// <exception cref="DistillationException">Nothing can be learnt from the images, or the loss is not finite any more.</exception>
    /// <exception cref="IOException">The disk is full; what is finished stays.</exception>
    public RecyclingReport Run(IProgress<RecyclingProgress>? progress = null, CancellationToken cancellation = default)
    {
        plan.Validated();
        var started = time.GetUtcNow();

        // Section 3.2: each LoRA, with its head, gives the images that it classifies best, and says which of their tokens matter.
        var market = new MarketFolder(plan.Market);
        var inversion = new LoraInversion(plan.Model, plan.Prior, plan.Devices, plan.Precision, plan.Inversion)
        {
            BatchSize = plan.BatchSize,
        };
        var inverted = inversion.Run(
            (model, id) => market.Read(plan.Loras, model, id),
            plan.Pools,
            new InlineProgress<PoolProgress>(pools => progress?.Report(new RecyclingProgress(pools, null))),
            cancellation
        );
        inverted.RequireAny();

        // Section 3.3: episodes of these images, with the LoRAs as teachers, train one LoRA that fits new tasks without tuning.
        var record = new RecyclingRecord(plan.Prior, plan.Devices, plan.Precision, inverted.Loras, inverted.Stage, started, time);
        var checkpoint = PoolDistillation.CheckpointIn(plan.Pools);
        var report = new PoolDistillation(plan.Model, plan.Devices, plan.Precision, plan.Distillation).Run(
            inverted.Kept,
            checkpoint,
            plan.Out,
            record.End,
            RecyclingReport.Json,
            new InlineProgress<DistillationProgress>(steps => progress?.Report(new RecyclingProgress(null, steps))),
            cancellation
        );
        File.Delete(checkpoint);
        return report;
    }
}
