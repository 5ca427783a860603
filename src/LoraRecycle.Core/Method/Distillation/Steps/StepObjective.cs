using LoraRecycle.Core.Method.Distillation.Episodes;
using LoraRecycle.Core.Method.Inversion;
using LoraRecycle.Core.Vision.Fused;
using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Distillation.Steps;

/// <summary>
/// The loss of a step's batch on one device. KL to a teacher and cross-entropy with labels differ by a constant alone when
/// both are written with target distributions, so that one formula serves both: minus the sum of targets times
/// log-probabilities (the paper's section 3.3).
/// </summary>
internal sealed class StepObjective : IDisposable
{
    private readonly VisionTransformerConfig _model;
    private readonly FusedTransformer _transformer;
    private readonly ScalarType _dtype;
    private readonly FlatAdapter _adapter;
    private readonly DistillationSettings _settings;
    private readonly double _temperature;
    private readonly PixelSpace _pixels;
    private readonly LineDrawing? _lines;
    private readonly Tensor _images;
    private readonly Tensor? _saliency;

    /// <param name="model">The bare model.</param>
    /// <param name="adapter">What is attached to it; on the model's device.</param>
    /// <param name="set">The images; copied to the device.</param>
    /// <param name="pixels">The model's pixels, on the device.</param>
    /// <param name="settings">Temperature, which must be known by now, and augmentation.</param>
    public StepObjective(VisionTransformer model, FlatAdapter adapter, TrainingSet set, PixelSpace pixels, DistillationSettings settings)
    {
        (_model, _adapter, _pixels, _settings) = (model.Config, adapter, pixels, settings);
        _temperature = settings.Temperature ?? throw new ArgumentException("The temperature has not been chosen yet.", nameof(settings));
        _lines = settings.Augmentation.LineDrawings > 0 ? new LineDrawing(pixels.Device) : null;
        _dtype = model.Embeddings.Weight.dtype;
        using (model.Attach(adapter.Adapter)) _transformer = new FusedTransformer(model, train: true);
        using var scope = NewDisposeScope();
        _images = set.Images.to(pixels.Device).DetachFromDisposeScope();
        if (settings.Masks)
        {
            var grid = (long)Math.Sqrt(set.Saliency!.shape[1]);
            _saliency = set.Saliency.view(-1, 1, grid, grid).to(pixels.Device).DetachFromDisposeScope();
        }
    }

    /// <param name="shape">The sizes of the following.</param>
    /// <param name="views">What is seen of which images.</param>
    /// <param name="targets">[episodes, queries, ways].</param>
    /// <returns>The loss, a scalar.</returns>
    public Tensor Loss(StepShape shape, ImageViews views, Tensor targets)
    {
        using var scope = NewDisposeScope();
        var positions = shape.Kept == 0 ? null : Positions(shape, views);
        var seen = _pixels.Normalise(views.See(_images, _model.ImageSize, _lines, _settings.Augmentation.Coarse > 0));
        var embeddings = _transformer.Embed(seen.to(_dtype), entering: positions).to(ScalarType.Float32);
        var logits =
            shape.Kind == StepKind.Joint
                ? _adapter.Head!.call(embeddings)
                : Classify(shape, embeddings.view(shape.Episodes, shape.ImagesOfEpisode, -1));
        return logits.log_softmax(-1).mul(targets.view(logits.shape)).sum(-1).mean().neg().MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        _transformer.Dispose();
        _lines?.Dispose();
        _images.Dispose();
        _saliency?.Dispose();
    }

    private Tensor Classify(StepShape shape, Tensor embeddings)
    {
        var supports = shape.Ways * shape.Shots;
        return PrototypeLogits.Of(
            embeddings.narrow(1, 0, supports), embeddings.narrow(1, supports, shape.Ways * shape.Queries), shape.Ways, _temperature);
    }

    /// <summary>The patches that stay: those where the image, seen so, has most of the teacher's attention.</summary>
    private Tensor Positions(StepShape shape, ImageViews views)
    {
        using var selectionHasNoGradient = no_grad();
        var saliency = views.Of(_saliency!, _model.ImageSize / _model.PatchSize);
        return saliency.topk(shape.Kept, 1, sorted: false).indexes.sort(1).Values;
    }
}
