using System.Text.Json;
using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Peft;
using LoraRecycle.Core.Devices;
using LoraRecycle.Core.Distillation;
using LoraRecycle.Core.Inversion;
using LoraRecycle.Core.Models;

namespace LoraRecycle.Core.Recycling;

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
        using var loras = Invert(new Relay<PoolProgress>(progress, pools => new RecyclingProgress(pools, null)), cancellation);
        return Distill(loras, started, stamp, new Relay<DistillationProgress>(progress, steps => new RecyclingProgress(null, steps)), cancellation);
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
            return new InvertedLoras(sources, pools, new InversionStage(
                plan.Inversion, sources.Max(source => together(source.Classes.Count)), time.GetElapsedTime(stamp).TotalSeconds, pools.Sum(pool => pool.Seconds ?? 0)));
        }
        catch
        {
            foreach (var source in sources) source.Adapter.Dispose();
            throw;
        }
    }

    private RecyclingReport Distill(
        InvertedLoras loras, DateTimeOffset started, long startedStamp, IProgress<DistillationProgress> progress, CancellationToken cancellation)
    {
        var stamp = time.GetTimestamp();
        var (models, pools, teachers) = (new List<FrozenModel>(), new List<SyntheticPool>(), new List<Adapter>());
        try
        {
            foreach (var device in plan.Devices) models.Add(FrozenModel.Load(plan.Model, device, plan.Precision));
            var (first, layers) = (models[0], models[0].Transformer.AdaptableLayers);
            foreach (var (lora, directory) in loras.Kept)
            {
                pools.Add(SyntheticPoolDirectory.Read(directory));
                teachers.Add(AdapterCatalog.Default.Load(lora.Path!, layers, first.Device));
            }
            var checkpoint = Path.Combine(plan.Pools, CheckpointName);
            using var result = new Distiller([.. models.Select(model => model.Transformer)], first.Preprocessor.Config, [.. pools.Zip(teachers, TrainingSource.Of)], plan.Distillation)
                .Run(checkpoint, progress, cancellation);
            var report = new RecyclingReport
            {
                Model = first.Id,
                Prior = plan.Prior,
                Devices = [.. plan.Devices.Select(device => device.ToString())],
                Precision = plan.Precision.ToString(),
                Version = ProductVersion.Text,
                Library = TorchLibrary.Version,
                MarketRevision = loras.Revision,
                Loras = loras.Records,
                Inversion = loras.Stage,
                Distillation = new DistillationStage(plan.Distillation, time.GetElapsedTime(stamp).TotalSeconds, result.Seconds, result.Losses),
                Started = started,
                Seconds = time.GetElapsedTime(startedStamp).TotalSeconds,
            };
            PeftWriter.Write(plan.Out, result.MetaLora, layers, first.Id, addFiles: folder =>
                File.WriteAllBytes(Path.Combine(folder, RecyclingReport.FileName), JsonSerializer.SerializeToUtf8Bytes(report, RecyclingReport.Json)));
            File.Delete(checkpoint);
            return report;
        }
        finally
        {
            teachers.ForEach(teacher => teacher.Dispose());
            pools.ForEach(pool => pool.Dispose());
            models.ForEach(model => model.Dispose());
        }
    }

    private sealed class Relay<T>(IProgress<RecyclingProgress>? target, Func<T, RecyclingProgress> convert) : IProgress<T>
    {
        public void Report(T value) => target?.Report(convert(value));
    }
}
