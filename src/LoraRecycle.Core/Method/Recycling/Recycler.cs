using LoraRecycle.Core.Foundation;
using LoraRecycle.Core.Foundation.Devices;
using LoraRecycle.Core.Method.Distillation;
using LoraRecycle.Core.Method.Inversion;
using LoraRecycle.Core.Method.Inversion.Building;
using LoraRecycle.Core.Method.Inversion.Optimization;

namespace LoraRecycle.Core.Method.Recycling;

/// <summary>
/// LoRA Recycle as a whole (the paper's section 3): many LoRAs are inverted into synthetic images, and these distilled into
/// one meta-LoRA. Whatever ends it, the next run of the same plan goes on where it was and ends in the same meta-LoRA.
/// </summary>
/// <param name="plan">What to recycle.</param>
/// <param name="time">The clock of the record.</param>
public sealed class Recycler(RecyclingPlan plan, TimeProvider time)
{
    private const string CheckpointName = "distillation.checkpoint";

    /// <param name="progress">Told of both stages, from one thread at a time.</param>
    /// <param name="cancellation">Ends the work after a last checkpoint.</param>
    /// <exception cref="InversionException">A LoRA cannot be inverted, or none could be; those that diverge are left out.</exception>
    /// <exception cref="DistillationException">Nothing can be learnt from the images, or the loss is not finite any more.</exception>
    /// <exception cref="IOException">The disk is full; what is finished stays.</exception>
    public RecyclingReport Run(IProgress<RecyclingProgress>? progress = null, CancellationToken cancellation = default)
    {
        plan.Validated();
        var (started, stamp) = (time.GetUtcNow(), time.GetTimestamp());
        using var loras = Invert(
            new InlineProgress<PoolProgress>(pools => progress?.Report(new RecyclingProgress(pools, null))), cancellation);
        return Distill(
            loras,
            started,
            stamp,
            new InlineProgress<DistillationProgress>(steps => progress?.Report(new RecyclingProgress(null, steps))),
            cancellation
        );
    }

    private InvertedLoras Invert(IProgress<PoolProgress> progress, CancellationToken cancellation)
    {
        var stamp = time.GetTimestamp();
        var market = new MarketFolder(plan.Market);
        using var inverters = new DeviceInverters(plan.Model, plan.Prior, plan.Devices, plan.Precision, plan.Inversion);
        var sources = market.Read(plan.Loras, inverters.Model, inverters.ModelId);
        try
        {
            var together = plan.Together ?? UnitSize.For(plan.Devices, inverters.Model.Config, plan.Inversion);
            var pools = new PoolBuilder(inverters.All, plan.Inversion, plan.Pools).Build(sources, together, progress, cancellation);
            if (pools.All(pool => pool.Directory is null))
                throw new InversionException($"No LoRA could be inverted. {pools[0].Name}: {pools[0].Failure}");
            return new InvertedLoras(
                sources,
                pools,
                new InversionStage(
                    plan.Inversion,
                    sources.Max(source => together(source.Classes.Count)),
                    time.GetElapsedTime(stamp).TotalSeconds,
                    pools.Sum(pool => pool.Seconds ?? 0)
                )
            );
        }
        catch
        {
            foreach (var source in sources) source.Adapter.Dispose();
            throw;
        }
    }

    private RecyclingReport Distill(
        InvertedLoras loras,
        DateTimeOffset started,
        long startedStamp,
        IProgress<DistillationProgress> progress,
        CancellationToken cancellation
    )
    {
        var stamp = time.GetTimestamp();
        var checkpoint = Path.Combine(plan.Pools, CheckpointName);
        var report = new PoolDistillation(plan.Model, plan.Devices, plan.Precision, plan.Distillation).Run(
            [.. loras.Kept.Select(kept => new PooledLora(kept.Lora.Path!, kept.Pool))],
            checkpoint,
            plan.Out,
            (model, result) =>
                new RecyclingReport
                {
                    Model = model,
                    Prior = plan.Prior,
                    Devices = [.. plan.Devices.Select(device => device.ToString())],
                    Precision = plan.Precision.ToString(),
                    Version = ProductVersion.Text,
                    Library = TorchLibrary.Version,
                    MarketRevision = loras.Revision,
                    Loras = loras.Records,
                    Inversion = loras.Stage,
                    Distillation = new DistillationStage(
                        result.Settings,
                        time.GetElapsedTime(stamp).TotalSeconds,
                        result.Seconds,
                        result.Losses
                    ),
                    Started = started,
                    Seconds = time.GetElapsedTime(startedStamp).TotalSeconds,
                },
            RecyclingReport.Json,
            progress,
            cancellation
        );
        File.Delete(checkpoint);
        return report;
    }
}
