using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Method.Inversion.Pools;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Distillation.Episodes;

/// <summary>Labelled images to distil from: a LoRA's synthetic ones, or real ones that have no teacher.</summary>
/// <param name="Name">What it is called in messages and reports.</param>
/// <param name="Images">[count, 3, side, side], 8 bit, in host memory; not owned.</param>
/// <param name="Labels">The class of each image, from 0.</param>
/// <param name="Classes">What each class is: classes of several sources with the same text are one class.</param>
/// <param name="Saliency">[count, patches]: what masks keep; null where nothing is known.</param>
/// <param name="Teacher">The LoRA with its head, on the device where training runs; null where labels are all there is. Not owned.</param>
public sealed record TrainingSource(
    string Name, Tensor Images, IReadOnlyList<long> Labels, IReadOnlyList<string> Classes, Tensor? Saliency, Adapter? Teacher)
{
    /// <param name="pool">A LoRA's images; must outlive the source.</param>
    /// <param name="teacher">That LoRA.</param>
    /// <exception cref="DistillationException">It has no head, or the images were made from another revision of it.</exception>
    public static TrainingSource Of(SyntheticPool pool, Adapter teacher)
    {
        ArgumentNullException.ThrowIfNull(pool);
        ArgumentNullException.ThrowIfNull(teacher);
        var name = pool.Info.Name;
        if (teacher.Head is null)
            throw new DistillationException($"{name}: the LoRA has no classification head, so it cannot teach.");
        if (pool.Info.LoraRevision != teacher.Revision)
            throw new DistillationException(
                $"{name}: the images were made from revision {pool.Info.LoraRevision} of the LoRA, but the given LoRA is "
                    + $"{teacher.Revision}. Invert it again."
            );
        // Only names that came with the LoRA say that two classes are one; numbers do not.
        var classes = teacher.ClassNames.Count > 0 ? teacher.ClassNames : [.. pool.Info.Classes.Select(label => $"{name}/{label}")];
        return new TrainingSource(name, pool.Images, pool.Labels.data<long>().ToArray(), classes, pool.Saliency, teacher);
    }
}
