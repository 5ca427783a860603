using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Inversion.Optimization;

/// <summary>
/// How much each patch of an image matters to the LoRA it was made from: the last layer's attention, and nothing where
/// pruning dropped the patch. An image larger than the model's input is looked at through crops on the patch grid.
/// </summary>
internal sealed class CanvasSaliency(VisionTransformer model, TokenPruning pruning)
{
    private readonly int _patch = model.Config.PatchSize, _side = model.Config.ImageSize / model.Config.PatchSize;

    /// <param name="images">[batch, 3, canvas, canvas], float32, normalised; the batch may hold several LoRAs' images, as they are
    /// attached.</param>
    /// <returns>[batch, canvas patches], float32.</returns>
    public Tensor Of(Tensor images)
    {
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        var grid = model.Config.ImageSize == images.shape[2] ? _side : (int)images.shape[2] / _patch;
        var (sum, count) = (zeros([images.shape[0], grid, grid], device: images.device), zeros([1, grid, grid], device: images.device));
        foreach (var y in Offsets(grid))
            foreach (var x in Offsets(grid))
            {
                using var inner = NewDisposeScope();
                var crop = images.narrow(2, y * _patch, model.Config.ImageSize).narrow(3, x * _patch, model.Config.ImageSize);
                sum.narrow(1, y, _side).narrow(2, x, _side).add_(OfCrop(crop).view(-1, _side, _side));
                count.narrow(1, y, _side).narrow(2, x, _side).add_(1);
            }
        return (sum / count).flatten(1).MoveToOuterDisposeScope();
    }

    private Tensor OfCrop(Tensor crop)
    {
        var input = crop.to(model.Embeddings.Weight.dtype);
        var saliency = model.Saliency(input);
        return model.Run(input, pruning).Positions is { } kept
            ? zeros_like(saliency).scatter(1, kept, saliency.gather(1, kept))
            : saliency;
    }

    /// <summary>Crops that touch each other or overlap, and together cover the grid.</summary>
    private IEnumerable<int> Offsets(int grid)
    {
        for (var offset = 0; offset < grid - _side; offset += Math.Max(1, _side / 2)) yield return offset;
        yield return grid - _side;
    }
}
