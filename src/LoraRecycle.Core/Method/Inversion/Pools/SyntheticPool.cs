using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Inversion.Pools;

/// <summary>The images made from one LoRA, in host memory. Owns its tensors.</summary>
public sealed class SyntheticPool : IDisposable
{
    /// <param name="info">What they are.</param>
    /// <param name="images">[count, 3, height, width], 8 bit; taken over, as all the following.</param>
    /// <param name="labels">[count], int64.</param>
    /// <param name="targets">[count, classes], float32.</param>
    /// <param name="saliency">[count, patches], float32.</param>
    /// <exception cref="InversionException">They do not fit each other.</exception>
    public SyntheticPool(SyntheticPoolInfo info, Tensor images, Tensor labels, Tensor targets, Tensor saliency)
    {
        ArgumentNullException.ThrowIfNull(info);
        (Info, Images, Labels, Targets, Saliency) = (info, images, labels, targets, saliency);
        foreach (var tensor in new[] { images, labels, targets, saliency }) tensor.DetachFromDisposeScope();
        var count = images.shape[0];
        var side = images.ndim == 4 ? images.shape[3] : 0;
        Require(
            images.dtype == ScalarType.Byte && images.shape is [> 0, 3, var height, _] && height == side,
            "images [count, 3, side, side] of bytes",
            images
        );
        Require(info.PatchSize > 0 && side >= info.PatchSize, $"images of at least one patch of {info.PatchSize} pixels", images);
        Require(
            labels.dtype == ScalarType.Int64 && labels.shape is [var labelled] && labelled == count,
            $"labels [{count}] of int64",
            labels
        );
        Require(
            targets.dtype == ScalarType.Float32
                && targets.shape is [var aimed, var classes]
                && aimed == count
                && classes == info.Classes.Count,
            $"targets [{count}, {info.Classes.Count}] of float32",
            targets
        );
        Require(
            saliency.dtype == ScalarType.Float32 && saliency.shape is [var seen, var patches] && seen == count && patches == Grid * Grid,
            $"saliency [{count}, {Grid * Grid}] of float32",
            saliency
        );
        Require(
            labels.data<long>().ToArray().All(label => label >= 0 && label < info.Classes.Count),
            $"labels from 0 to {info.Classes.Count - 1}",
            labels
        );
    }

    public SyntheticPoolInfo Info { get; }

    /// <summary>[count, 3, height, width], 8 bit.</summary>
    public Tensor Images { get; }

    /// <summary>[count]: the class that each image shows most of.</summary>
    public Tensor Labels { get; }

    /// <summary>[count, classes]: what each image was made to be recognised as; one-hot unless labels were mixed.</summary>
    public Tensor Targets { get; }

    /// <summary>[count, patches]: the attention that each patch gets from the LoRA it was made with; 0 where it was pruned.</summary>
    public Tensor Saliency { get; }

    public int Count => (int)Images.shape[0];

    /// <summary>Patches a side.</summary>
    public int Grid => (int)(Images.shape[2] / Info.PatchSize);

    /// <summary>The patches that stay when a share of them is masked: those with the most attention.</summary>
    /// <param name="masked">The share to mask, 0 to under 1. What pruning dropped counts first.</param>
    /// <returns>[count, kept], int64, ascending: positions as <see cref="VisionTransformer.Run"/> takes them.</returns>
    public Tensor Kept(double masked)
    {
        if (masked is not (>= 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(masked), masked, "Expected a share of at least 0 and less than 1.");
        using var scope = NewDisposeScope();
        var patches = (int)Saliency.shape[1];
        var kept = Math.Max(1, patches - TokenPruning.Share(patches, masked));
        return Saliency.topk(kept, 1, sorted: false).indexes.sort(1).Values.MoveToOuterDisposeScope();
    }

    /// <summary>The share of patches that pruning dropped: the mask that the inversion itself made.</summary>
    public double PrunedShare
    {
        get
        {
            using var scope = NewDisposeScope();
            return Saliency.eq(0).to(ScalarType.Float32).mean().item<float>();
        }
    }

    public void Dispose()
    {
        foreach (var tensor in new[] { Images, Labels, Targets, Saliency }) tensor.Dispose();
    }

    private void Require(bool holds, string expected, Tensor actual)
    {
        if (holds) return;
        var came = $"{actual.dtype} [{string.Join(", ", actual.shape)}]";
        Dispose();
        throw new InversionException($"The pool {Info.Name} is inconsistent: expected {expected}, got {came}.");
    }
}
