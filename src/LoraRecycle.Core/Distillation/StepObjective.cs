using LoraRecycle.Core.Inversion;
using LoraRecycle.Core.Models;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Distillation;

/// <summary>
/// The loss of a step's batch on one device. KL to a teacher and cross-entropy with labels differ by a constant alone when
/// both are written with target distributions, so that one formula serves both: minus the sum of targets times
/// log-probabilities (the paper's section 3.3).
/// </summary>
internal sealed class StepObjective : IDisposable
{
    private readonly VisionTransformer _model;
    private readonly FlatAdapter _adapter;
    private readonly DistillationSettings _settings;
    private readonly PixelSpace _pixels;
    private readonly Tensor _images;
    private readonly Tensor? _saliency;
    private readonly int _side, _grid;

    /// <param name="model">The bare model.</param>
    /// <param name="adapter">What it shall wear; on the model's device.</param>
    /// <param name="set">The images; copied to the device.</param>
    /// <param name="pixels">The model's pixels, on the device.</param>
    /// <param name="settings">Temperature and augmentation.</param>
    public StepObjective(VisionTransformer model, FlatAdapter adapter, TrainingSet set, PixelSpace pixels, DistillationSettings settings)
    {
        (_model, _adapter, _pixels, _settings) = (model, adapter, pixels, settings);
        (_side, _grid) = (model.Config.ImageSize, model.Config.ImageSize / model.Config.PatchSize);
        using var scope = NewDisposeScope();
        _images = set.Images.to(pixels.Device).DetachFromDisposeScope();
        if (settings.Masks)
        {
            var grid = (long)Math.Sqrt(set.Saliency!.shape[1]);
            _saliency = set.Saliency.view(-1, 1, grid, grid).to(pixels.Device).DetachFromDisposeScope();
        }
    }

    /// <param name="shape">The sizes of the following.</param>
    /// <param name="images">[images], int64.</param>
    /// <param name="places">[images, 2, 3], see <see cref="ImageView"/>.</param>
    /// <param name="colours">[images, 3, 4].</param>
    /// <param name="targets">[episodes, queries, ways].</param>
    /// <returns>The loss, a scalar.</returns>
    public Tensor Loss(StepShape shape, Tensor images, Tensor places, Tensor colours, Tensor targets)
    {
        using var scope = NewDisposeScope();
        _model.Wear(_adapter.Adapter);
        var positions = shape.Kept == 0 ? null : Positions(shape, images, places);
        var embeddings = _model.Run(See(images, places, colours).to(_model.Embeddings.Weight.dtype), positions: positions).Embedding.to(ScalarType.Float32);
        var logits = shape.Kind == StepKind.Joint ? _adapter.Head!.call(embeddings) : Classify(shape, embeddings.view(shape.Episodes, shape.ImagesOfEpisode, -1));
        return logits.log_softmax(-1).mul(targets.view(logits.shape)).sum(-1).mean().neg().MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        _images.Dispose();
        _saliency?.Dispose();
    }

    private Tensor Classify(StepShape shape, Tensor embeddings)
    {
        var supports = shape.Ways * shape.Shots;
        return PrototypeLogits.Of(
            embeddings.narrow(1, 0, supports), embeddings.narrow(1, supports, shape.Ways * shape.Queries), shape.Ways, _settings.Temperature);
    }

    /// <summary>[images, 3, side, side], normalised, as each is to be seen.</summary>
    private Tensor See(Tensor images, Tensor places, Tensor colours)
    {
        var samples = _images.index_select(0, images).to(ScalarType.Float32).div(255);
        var seen = nn.functional.grid_sample(samples, Grid(places, _side), align_corners: false).flatten(2);
        // A matrix a picture: brightness, contrast and saturation are all linear in its samples.
        var coloured = colours.narrow(2, 0, 3).bmm(seen).add(colours.narrow(2, 3, 1)).clamp(0, 1);
        return _pixels.Normalise(coloured.view(-1, 3, _side, _side));
    }

    /// <summary>The patches that stay: those where the image, seen so, has most of the teacher's attention.</summary>
    private Tensor Positions(StepShape shape, Tensor images, Tensor places)
    {
        using var selectionHasNoGradient = no_grad();
        var saliency = nn.functional.grid_sample(_saliency!.index_select(0, images), Grid(places, _grid), align_corners: false).flatten(1);
        return saliency.topk(shape.Kept, 1, sorted: false).indexes.sort(1).Values;
    }

    /// <summary>Where each place of the view lies in the image, [images, size, size, 2]; x first.</summary>
    private Tensor Grid(Tensor places, int size)
    {
        var line = arange(size, dtype: ScalarType.Float32, device: _pixels.Device).mul(2.0 / size).add((1.0 / size) - 1);
        var (x, y) = (line.view(1, size).expand(size, size), line.view(size, 1).expand(size, size));
        var corners = stack([x, y, ones_like(x)], 2).view(1, size * size, 3).expand(places.shape[0], -1, -1);
        return corners.bmm(places.mT).view(-1, size, size, 2);
    }
}
