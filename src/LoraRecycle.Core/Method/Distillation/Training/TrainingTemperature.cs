using LoraRecycle.Core.Method.Inversion;
using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Distillation.Training;

/// <summary>
/// The temperature of training where none was chosen. Models embed at scales of their own: what is soft for one is a step
/// function for another, whose gradient is gone. So it follows the distances that the bare model sees between the images.
/// </summary>
internal static class TrainingTemperature
{
    /// <summary>The mean squared distance of two images is so many temperatures; <c>docs/results.md</c> has what others gave.</summary>
    private const double DistanceInTemperatures = 16;

    private const int MaxImages = 256;

    /// <param name="model">The bare model.</param>
    /// <param name="pixels">Turns bytes into the model's input.</param>
    /// <param name="images">[count, 3, side, side], 8 bit; some of them are looked at.</param>
    /// <returns>Over 0, and 1 where all images look the same.</returns>
    public static double Of(VisionTransformer model, PixelSpace pixels, Tensor images)
    {
        using var withoutGrad = no_grad();
        using var scope = NewDisposeScope();
        var stride = Math.Max(1, (images.shape[0] + MaxImages - 1) / MaxImages);
        var some = images.index_select(0, arange(0, images.shape[0], stride, dtype: ScalarType.Int64));
        var seen = pixels.MiddleFromBytes(some, model.Config.ImageSize).to(model.Embeddings.Weight.dtype);
        var embeddings = model.call(seen).Embedding.to(ScalarType.Float64);
        // Of two that are drawn at random the mean squared distance is twice the variance.
        var distance = 2 * embeddings.sub(embeddings.mean([0], keepdim: true)).square().sum(1).mean().item<double>();
        return distance > 0 && double.IsFinite(distance) ? distance / DistanceInTemperatures : 1;
    }
}
