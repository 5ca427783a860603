using System.Text.Json;
using LoraRecycle.Core.DataSets;
using LoraRecycle.Core.Evaluation.Calibration;
using LoraRecycle.Core.Evaluation.Reports;
using LoraRecycle.Core.FewShot.Episodes;
using LoraRecycle.Core.Foundation;
using LoraRecycle.Core.Imaging.Decoding;
using LoraRecycle.Core.Vision.Loading;
using LoraRecycle.Service.Features.Recycling.Jobs;
using LoraRecycle.Service.Features.Recycling.Requests;
using LoraRecycle.Service.Features.Recycling.Settings;
using LoraRecycle.Service.Serving.ActiveAdapter;
using LoraRecycle.Service.Serving.Configuration;
using LoraRecycle.Service.Serving.Models;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Features.Recycling.Units;

/// <summary>The new meta-LoRA and the active one on the same episodes of a data set.</summary>
internal sealed class EvaluationWork(
    DataSets dataSets,
    ActiveMetaLora active,
    IOptions<ModelsOptions> models,
    Lazy<ImageDecoder> decoder,
    JobFolders folders
) : IUnitWork
{
    public UnitKind Kind => UnitKind.Evaluate;

    public UnitResult Run(UnitTask task, Action<UnitProgress> progress, CancellationToken cancellation)
    {
        var settings = task.Settings.Validation!;
        var (job, distilled) = (task.Claim.Job.Id, task.Units.Single(unit => unit.Kind == UnitKind.Distill));
        var made = folders.MetaLora(job, distilled.Number, distilled.Result!.Fence);
        var current = active.Current;
        try
        {
            using var data = dataSets.Open(settings.DataSet);
            var evaluation = dataSets.Evaluation(settings, data);
            var all = 2 * evaluation.Images.Count;
            var own = Accuracy(task, made, data, evaluation, done => progress(new UnitProgress(done, all, Loss: null)), cancellation);
            var others = Accuracy(
                task,
                current == ServedAdapter.None ? null : current.Directory,
                data,
                evaluation,
                done => progress(new UnitProgress((all / 2) + done, all, Loss: null)),
                cancellation
            );
            return new UnitResult(
                task.Claim.Fence,
                Evaluation: new ResultEvaluation(
                    data.Name,
                    JsonNamingPolicy.CamelCase.ConvertName(settings.Part.ToString()),
                    settings.Ways,
                    settings.Shots,
                    settings.Queries,
                    settings.Episodes,
                    own.Mean,
                    own.HalfWidth,
                    current.Id,
                    others.Mean,
                    others.HalfWidth
                )
            );
        }
        catch (DataSetException exception)
        {
            throw new LastingFailureException(exception.Message, exception);
        }
    }

    private AccuracyInterval Accuracy(
        UnitTask task,
        string? adapter,
        ImageDataSet data,
        FewShotEvaluation evaluation,
        Action<int> progress,
        CancellationToken cancellation
    )
    {
        using var model = EmbeddingModel.Load(models.Value.FindModel()!, task.Device, adapter);
        var embeddings = new BatchEmbedder(model, decoder.Value).Embed(
            evaluation.Images,
            data.Read,
            // A batch of images is here what an iteration is elsewhere.
            new InlineProgress<int>(images =>
            {
                progress(images);
                task.Pace(cancellation);
            }),
            cancellation
        );
        return evaluation.Run(embeddings, cancellation);
    }
}
