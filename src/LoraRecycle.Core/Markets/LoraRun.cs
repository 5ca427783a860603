using LoraRecycle.Core.Adapters.Catalog;
using LoraRecycle.Core.Adapters.Families.Lora;
using LoraRecycle.Core.DataSets;
using LoraRecycle.Core.DataSets.Images;
using LoraRecycle.Core.Foundation;
using LoraRecycle.Core.Foundation.Devices;
using LoraRecycle.Core.Foundation.Files;
using LoraRecycle.Core.Method.Tuning;
using LoraRecycle.Core.Method.Tuning.Checkpoints;
using LoraRecycle.Core.Method.Tuning.Options;
using LoraRecycle.Core.Vision.Loading;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Markets;

/// <summary>One LoRA from images to a directory: tuned, stored, read back and tested as it is stored.</summary>
/// <param name="model">The model to tune on.</param>
/// <param name="images">Where images come from.</param>
/// <param name="dtype">In what type to store: float16 or float32.</param>
/// <param name="time">The clock of the record.</param>
public sealed class LoraRun(FrozenModel model, TaskImages images, ScalarType dtype, TimeProvider time)
{
    public TaskImages Images { get; } = images;

    public string Model { get; } = model.Id;

    /// <inheritdoc cref="LoraTuner.Checkpoint"/>
    public TuningCheckpoint? Checkpoint { get; init; }

    /// <inheritdoc cref="LoraTuner.Pace"/>
    public Action<CancellationToken>? Pace { get; init; }

    /// <param name="task">What to tune.</param>
    /// <param name="directory">The LoRA's directory, which is complete as soon as it has its name.</param>
    /// <param name="progress">Told after every step.</param>
    /// <param name="cancellation">Checked before every step.</param>
    /// <exception cref="TuningException">A setting cannot be used with this model.</exception>
    /// <exception cref="DataSetException">The classes make no task, or an image cannot be decoded.</exception>
    /// <exception cref="DivergenceException">The loss is not finite any more; nothing was written.</exception>
    public LoraRecord Run(
        LoraTask task,
        string directory,
        IProgress<TuningProgress>? progress = null,
        CancellationToken cancellation = default
    )
    {
        // Before images are decoded: what cannot be is said at once.
        _ = task.Settings.LayersOf(model.Transformer.AdaptableLayers);
        var (started, stamp) = (time.GetUtcNow(), time.GetTimestamp());
        using var train = Images.Train(task.Classes, model.Device, cancellation);
        var tuner = new LoraTuner(model.Transformer) { Checkpoint = Checkpoint, Pace = Pace };
        using var tuned = tuner.Tune(train, task.Settings, progress, cancellation);
        LoraRecord? record = null;
        PeftWriter.Write(directory, tuned.Adapter, model.Transformer.AdaptableLayers, model.Id, dtype, Finish);
        return record!;

        void Finish(string unnamed)
        {
            using var stored = AdapterCatalog.Default.Load(unnamed, model.Transformer.AdaptableLayers, model.Device);
            using var test = Images.Test(task.Classes, model.Device, cancellation);
            record = new LoraRecord
            {
                Name = task.Name,
                DataSet = Images.Data.Name,
                Classes = task.Classes,
                Model = model.Id,
                Settings = task.Settings,
                HeldOut = Images.HeldOut,
                TrainImages = train.Count,
                HeldOutImages = test?.Count ?? 0,
                TrainAccuracy = TaskAccuracy.Measure(model.Transformer, stored, train, cancellation),
                HeldOutAccuracy = test is null ? null : TaskAccuracy.Measure(model.Transformer, stored, test, cancellation),
                FinalLoss = tuned.Losses.TakeLast(Math.Max(1, tuned.Losses.Count / 10)).Average(),
                Lost = tuned.Lost,
                Revision = stored.Revision,
                DType = dtype.ToString(),
                Version = ProductVersion.Text,
                Library = TorchLibrary.Version,
                Device = model.Device.ToString(),
                Started = started,
                Seconds = time.GetElapsedTime(stamp).TotalSeconds,
            };
            RunFile.Write(unnamed, record, MarketJson.Default.LoraRecord);
        }
    }
}
