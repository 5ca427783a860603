using static TorchSharp.torch;

namespace LoraRecycle.Core.DataSets.Images;

/// <summary>Preprocessed images and what they show. Owns its tensors.</summary>
public sealed class LabelledImages : IDisposable
{
    /// <param name="pixels">[images, 3, height, width], normalised; taken over.</param>
    /// <param name="labels">[images] int64, indices into <paramref name="classNames"/>; taken over.</param>
    /// <param name="classNames">The classes' names.</param>
    /// <exception cref="DataSetException">There is one class or none, a name twice, or an image without its label.</exception>
    public LabelledImages(Tensor pixels, Tensor labels, IReadOnlyList<string> classNames)
    {
        if (classNames.Count < 2)
            throw new DataSetException($"Expected at least 2 classes; got {classNames.Count}.");
        if (classNames.Distinct(StringComparer.Ordinal).Count() < classNames.Count)
            throw new DataSetException($"Expected classes with different names; got {string.Join(", ", classNames)}.");
        if (pixels.ndim != 4 || pixels.shape[0] == 0 || labels.ndim != 1 || labels.shape[0] != pixels.shape[0])
            throw new DataSetException(
                $"Expected images [images, 3, height, width] and as many labels; got [{string.Join(", ", pixels.shape)}] and "
                    + $"[{string.Join(", ", labels.shape)}]."
            );
        using (var range = NewDisposeScope())
            if (labels.min().item<long>() < 0 || labels.max().item<long>() >= classNames.Count)
                throw new DataSetException(
                    $"Expected labels of 0 to {classNames.Count - 1}; got {labels.min().item<long>()} to {labels.max().item<long>()}."
                );
        (Pixels, Labels, ClassNames) = (pixels.DetachFromDisposeScope(), labels.DetachFromDisposeScope(), classNames);
    }

    /// <summary>[images, 3, height, width].</summary>
    public Tensor Pixels { get; }

    /// <summary>[images], int64.</summary>
    public Tensor Labels { get; }

    public IReadOnlyList<string> ClassNames { get; }

    public int Count => (int)Pixels.shape[0];

    public void Dispose()
    {
        Pixels.Dispose();
        Labels.Dispose();
    }
}
