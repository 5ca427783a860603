using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Inversion;
using LoraRecycle.Core.Models;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Distillation;

/// <summary>
/// A LoRA's synthetic images on the device where training runs, with what that LoRA and its head say of each: the true
/// teacher of the paper's equation, asked once for the image and once for its mirror image. Owns its tensors.
/// </summary>
public sealed class TeacherPool : IDisposable
{
    private readonly IReadOnlyList<int[]> _byClass;

    private TeacherPool(string name, Tensor images, Tensor logProbabilities, Tensor positions, IReadOnlyList<int[]> byClass) =>
        (Name, Images, LogProbabilities, Positions, _byClass) = (name, images, logProbabilities, positions, byClass);

    public string Name { get; }

    public int Ways => _byClass.Count;

    /// <summary>[2, count, 3, size, size], normalised: the images, then their mirror images.</summary>
    public Tensor Images { get; }

    /// <summary>[2, count, ways]: the teacher's log-probabilities of both.</summary>
    public Tensor LogProbabilities { get; }

    /// <summary>[2, count, kept]: the patches of both that are not masked.</summary>
    public Tensor Positions { get; }

    /// <summary>The images that were made as one class.</summary>
    public IReadOnlyList<int> OfClass(int label) => _byClass[label];

    /// <param name="model">The bare model; it wears the teacher for as long as this takes.</param>
    /// <param name="pool">The LoRA's images.</param>
    /// <param name="teacher">The LoRA with its head, on the model's device.</param>
    /// <param name="pixels">Turns the pool's bytes into the model's input.</param>
    /// <param name="masked">Share of patches to mask.</param>
    /// <exception cref="DistillationException">The images are of another size, the LoRA is another one, or a class has fewer than two images.</exception>
    public static TeacherPool Prepare(VisionTransformer model, SyntheticPool pool, Adapter teacher, PixelSpace pixels, double masked)
    {
        var head = teacher.Head ?? throw new DistillationException($"{pool.Info.Name}: its LoRA has no classification head to teach with.");
        if (pool.Info.LoraRevision != teacher.Revision)
            throw new DistillationException($"{pool.Info.Name}: the images were made from revision {pool.Info.LoraRevision[..8]} of the LoRA, the one given is {teacher.Revision[..8]}. Invert it again.");
        if (pool.Images.shape[2] != model.Config.ImageSize)
            throw new DistillationException($"{pool.Info.Name}: expected images of {model.Config.ImageSize} pixels, got {pool.Images.shape[2]}. Invert without a larger canvas.");
        var labels = pool.Labels.data<long>().ToArray();
        var byClass = Enumerable.Range(0, pool.Info.Classes.Count).Select(label => labels.Index().Where(image => image.Item == label).Select(image => image.Index).ToArray()).ToArray();
        if (Array.FindIndex(byClass, images => images.Length < 2) is var poor and >= 0)
            throw new DistillationException($"{pool.Info.Name}: class '{pool.Info.Classes[poor]}' has {byClass[poor].Length} images; a support and a query are needed.");

        using var withoutGrad = no_grad();
        using var scope = NewDisposeScope();
        var plain = pixels.FromBytes(pool.Images.to(pixels.Device));
        var images = stack([plain, plain.flip(3)]);
        model.Wear(teacher);
        try
        {
            var opinions = images.flatten(0, 1).split(256).Select(batch => head.call(model.call(batch).Embedding).log_softmax(1)).ToArray();
            return new TeacherPool(
                pool.Info.Name, images.DetachFromDisposeScope(), cat(opinions).view(2, labels.Length, -1).DetachFromDisposeScope(),
                BothWays(pool.Kept(masked), pool.Grid).to(pixels.Device).DetachFromDisposeScope(), byClass);
        }
        finally
        {
            model.Wear(null);
        }
    }

    public void Dispose()
    {
        Images.Dispose();
        LogProbabilities.Dispose();
        Positions.Dispose();
    }

    /// <summary>A patch of the mirror image is in the same row, as far from the other side.</summary>
    private static Tensor BothWays(Tensor kept, int grid)
    {
        var plain = kept.data<long>().ToArray();
        var mirrored = plain.Chunk((int)kept.shape[1]).SelectMany(image => image.Select(patch => patch - (2 * (patch % grid)) + grid - 1).Order()).ToArray();
        return stack([kept, tensor(mirrored, kept.shape)]);
    }
}
