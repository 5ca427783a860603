using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.DataSets;
using LoraRecycle.Core.DataSets.Images;
using LoraRecycle.Core.FewShot.Episodes;
using LoraRecycle.Core.Imaging.Preprocessing;
using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Evaluation.Methods.Harness;

/// <summary>What the methods of a comparison work with; all on one device.</summary>
/// <param name="Model">The foundation model, bare; a method that dresses it undresses it.</param>
/// <param name="Preprocessor">How the model wants its pixels.</param>
/// <param name="Images">Every image of the episodes, and of the training classes where a method uses real data.</param>
/// <param name="Loras">The market's LoRAs, in the order of their names; none without a market.</param>
/// <param name="TrainClasses">The training classes, for methods that use real data; none otherwise.</param>
public sealed record Bench(
    VisionTransformer Model,
    PreprocessorConfig Preprocessor,
    PreparedImages Images,
    IReadOnlyList<Adapter> Loras,
    IReadOnlyList<ImageClass> TrainClasses
)
{
    /// <summary>How many support images are tuned on at once, of as many episodes as that is.</summary>
    public int ImagesAtOnce { get; init; } = 100;

    /// <summary>How many bytes copies of the model, their gradients and Adam's state may take.</summary>
    public long BytesOfCopies { get; init; } = 1L << 30;

    public Device Device => Images.Pixels.device;

    /// <summary>Episodes that are tuned at once.</summary>
    public int BatchSize(EpisodeShape shape) => Math.Max(1, ImagesAtOnce / (shape.Ways * shape.Shots));

    /// <summary>Episodes that each get a model of their own at once.</summary>
    internal int Copies(EpisodeShape shape)
    {
        // A weight, its gradient, Adam's two moments and one passing copy, in float32.
        const int bytesOfParameter = 20;
        var copies = BytesOfCopies / (bytesOfParameter * Model.parameters().Sum(parameter => parameter.numel()));
        return (int)Math.Clamp(copies, 1, BatchSize(shape));
    }

    /// <param name="rows">[episodes, n], rows of the images.</param>
    /// <returns>[episodes * n, 3, height, width], episode by episode.</returns>
    internal Tensor Pixels(Tensor rows) => Images.Pixels.index_select(0, rows.flatten());
}
