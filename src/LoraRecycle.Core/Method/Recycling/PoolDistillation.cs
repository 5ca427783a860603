using System.Text.Json.Serialization.Metadata;
using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Catalog;
using LoraRecycle.Core.Adapters.Families.Lora;
using LoraRecycle.Core.Foundation.Files;
using LoraRecycle.Core.Method.Distillation;
using LoraRecycle.Core.Method.Distillation.Episodes;
using LoraRecycle.Core.Method.Distillation.Training;
using LoraRecycle.Core.Method.Inversion.Pools;
using LoraRecycle.Core.Vision.Loading;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Recycling;

/// <summary>The second stage: LoRAs and their pools on disk into one meta-LoRA on disk.</summary>
/// <param name="model">The model that the LoRAs were tuned on: a Hugging Face directory.</param>
/// <param name="devices">At least one; a step's episodes are spread over them.</param>
/// <param name="precision">In what the frozen model computes.</param>
/// <param name="settings">How to train.</param>
public sealed class PoolDistillation(string model, IReadOnlyList<Device> devices, ScalarType precision, DistillationSettings settings)
{
    private const string CheckpointName = "distillation.checkpoint";

    /// <inheritdoc cref="Distiller.Pace"/>
    public Action<CancellationToken>? Pace { get; init; }

    /// <summary>Where the checkpoint is, in a folder of pools or of work.</summary>
    public static string CheckpointIn(string folder) => Path.Combine(folder, CheckpointName);

    /// <param name="loras">Those whose inversion did not diverge.</param>
    /// <param name="checkpoint">As <see cref="Distiller.Run"/> takes it; it stays, until the caller deletes it.</param>
    /// <param name="directory">Where the meta-LoRA goes, as a PEFT directory.</param>
    /// <param name="describe">Makes the record beside it, given the model's id and what training gave.</param>
    /// <param name="json">How the record is written.</param>
    /// <param name="progress">Told as training tells.</param>
    /// <param name="cancellation">Ends the work after a last checkpoint.</param>
    /// <returns>The record that was written.</returns>
    /// <exception cref="DistillationException">Nothing can be learnt from the images, or the loss is not finite any more.</exception>
    /// <exception cref="IOException">The disk is full.</exception>
    public TReport Run<TReport>(
        IReadOnlyList<PooledLora> loras,
        string checkpoint,
        string directory,
        Func<string, DistillationResult, TReport> describe,
        JsonTypeInfo<TReport> json,
        IProgress<DistillationProgress>? progress = null,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(loras);
        ArgumentNullException.ThrowIfNull(describe);
        if (Path.GetDirectoryName(Path.GetFullPath(checkpoint)) is { } folder) Directory.CreateDirectory(folder);
        var (models, pools, teachers) = (new List<FrozenModel>(), new List<SyntheticPool>(), new List<Adapter>());
        try
        {
            foreach (var device in devices) models.Add(FrozenModel.Load(model, device, precision));
            var (first, layers) = (models[0], models[0].Transformer.AdaptableLayers);
            foreach (var lora in loras)
            {
                pools.Add(SyntheticPoolDirectory.Read(lora.Pool));
                teachers.Add(AdapterCatalog.Default.Load(lora.Lora, layers, first.Device));
            }
            var distiller = new Distiller(
                [.. models.Select(one => one.Transformer)],
                first.Preprocessor.Config,
                [.. pools.Zip(teachers, TrainingSource.Of)],
                settings
            )
            {
                Pace = Pace,
            };
            using var result = distiller.Run(checkpoint, progress, cancellation);
            var report = describe(first.Id, result);
            PeftWriter.Write(directory, result.MetaLora, layers, first.Id, addFiles: folder =>
            {
                RunFile.Write(folder, report, json);
                InheritedCalibration.Write(model, first, folder);
            });
            return report;
        }
        finally
        {
            teachers.ForEach(teacher => teacher.Dispose());
            pools.ForEach(pool => pool.Dispose());
            models.ForEach(one => one.Dispose());
        }
    }
}
