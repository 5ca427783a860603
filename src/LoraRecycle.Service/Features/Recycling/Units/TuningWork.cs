using System.Globalization;
using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.DataSets;
using LoraRecycle.Core.DataSets.Images;
using LoraRecycle.Core.Foundation;
using LoraRecycle.Core.Imaging.Decoding;
using LoraRecycle.Core.Markets;
using LoraRecycle.Core.Method.Tuning;
using LoraRecycle.Core.Method.Tuning.Checkpoints;
using LoraRecycle.Core.Method.Tuning.Options;
using LoraRecycle.Core.Vision.Loading;
using LoraRecycle.Service.Features.Recycling.Jobs;
using LoraRecycle.Service.Features.Recycling.Settings;
using LoraRecycle.Service.Serving.Configuration;
using Microsoft.Extensions.Options;
using TorchSharp;

namespace LoraRecycle.Service.Features.Recycling.Units;

/// <summary>One LoRA with its head, out of the images that lie in the job's folder; as the command line's <c>tune</c> makes it.</summary>
internal sealed class TuningWork(
    IOptions<ModelsOptions> models, Lazy<ImageDecoder> decoder, JobFolders folders, IOptions<JobsOptions> options, TimeProvider time)
    : IUnitWork
{
    private const string CheckpointName = "tuning.safetensors";

    public UnitKind Kind => UnitKind.Tune;

    public UnitResult Run(UnitTask task, Action<UnitProgress> progress, CancellationToken cancellation)
    {
        var (claim, settings) = (task.Claim, task.Claim.Job.Tuning);
        var checkpoint = Path.Combine(task.Folder, CheckpointName);
        using var model = FrozenModel.Load(models.Value.FindModel()!, task.Device);
        using var data = Examples(claim.Job.Id, settings);
        var images = new TaskImages(
            data, model.Preprocessor, new HeldOutSplit(settings.HeldOut, settings.Tuning.Seed), decoder.Value);
        var run = new LoraRun(model, images, torch.ScalarType.Float16, time)
        {
            Checkpoint = new TuningCheckpoint(checkpoint, options.Value.TuningCheckpoint),
            Pace = task.Pace,
        };
        try
        {
            var record = run.Run(
                new LoraTask(settings.Name, [.. settings.Classes.Select(one => one.Label)], settings.Tuning),
                folders.Lora(claim.Job.Id, claim.Unit.Number, claim.Fence),
                new InlineProgress<TuningProgress>(step => progress(new UnitProgress(step.Step, step.Steps, step.Loss))),
                cancellation);
            return new UnitResult(claim.Fence, Seconds: record.Seconds, Lora: record.Revision, Tuning: EvaluationOf(record));
        }
        catch (Exception exception)
            when (exception is TuningException or DivergenceException or DataSetException or AdapterException)
        {
            throw new LastingFailureException(exception.Message, exception);
        }
    }

    private static TuningEvaluation EvaluationOf(LoraRecord record) => new(
        record.TrainImages, record.TrainAccuracy!.Value, record.HeldOutImages, record.HeldOutAccuracy, record.FinalLoss, record.Lost,
        record.Seconds);

    /// <summary>Images are called by their numbers, which are in the order of the classes.</summary>
    private ExampleDataSet Examples(string job, TuneSettings settings)
    {
        var next = 0;
        return new ExampleDataSet(
            "examples",
            [
                .. settings.Classes.Select(one => new ImageClass(
                    one.Label, [.. Enumerable.Range(0, one.Images).Select(_ => next++.ToString(CultureInfo.InvariantCulture))])),
            ],
            number => File.ReadAllBytes(folders.Example(job, int.Parse(number, CultureInfo.InvariantCulture))));
    }
}
