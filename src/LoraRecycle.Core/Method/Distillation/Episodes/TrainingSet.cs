using LoraRecycle.Core.Method.Distillation.Characters;
using LoraRecycle.Core.Method.Inversion;
using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Distillation.Episodes;

/// <summary>All images to distil from, in host memory, with their classes and what the teachers say of them. Owns its tensors.</summary>
internal sealed class TrainingSet : IDisposable
{
    private readonly SoftLabels? _softLabels;

    private TrainingSet(
        Tensor images,
        Tensor? saliency,
        IReadOnlyList<IReadOnlyList<TrainingClass>> tasks,
        IReadOnlyList<TrainingClass> classes,
        IReadOnlyList<TrainingClass> drawn,
        SoftLabels? softLabels
    )
    {
        (Images, Saliency, Tasks, Classes, Drawn, _softLabels) = (
            images.DetachFromDisposeScope(),
            saliency?.DetachFromDisposeScope(),
            tasks,
            classes,
            drawn,
            softLabels
        );
    }

    /// <summary>[count, 3, side, side], 8 bit.</summary>
    public Tensor Images { get; }

    /// <summary>[count, patches], float32; null where no source knows it.</summary>
    public Tensor? Saliency { get; }

    public int Side => (int)Images.shape[2];

    /// <summary>Every teacher's own classes, in its head's order: the tasks that LoRAs were tuned on.</summary>
    public IReadOnlyList<IReadOnlyList<TrainingClass>> Tasks { get; }

    /// <summary>What interpolated episodes are drawn from: classes of all sources, those of one name as one class.</summary>
    public IReadOnlyList<TrainingClass> Classes { get; }

    /// <summary>Invented characters, which nobody teaches; their images come after all others.</summary>
    public IReadOnlyList<TrainingClass> Drawn { get; }

    /// <summary>What the teachers say of the images; only where a setting asks for it.</summary>
    public SoftLabels SoftLabels => _softLabels ?? throw new InvalidOperationException("The teachers were not asked.");

    /// <param name="model">The bare model; each teacher is attached to it for as long as that is asked.</param>
    /// <param name="pixels">Turns bytes into the model's input.</param>
    /// <param name="sources">At least one; images of one size.</param>
    /// <param name="settings">What is to be known of the images.</param>
    /// <param name="cancellation">Checked before each teacher.</param>
    /// <exception cref="DistillationException">Nothing can be learnt from the sources.</exception>
    public static TrainingSet Of(
        VisionTransformer model,
        PixelSpace pixels,
        IReadOnlyList<TrainingSource> sources,
        DistillationSettings settings,
        CancellationToken cancellation
    )
    {
        Check(model.Config, sources, settings);
        using var scope = NewDisposeScope();
        var starts = new int[sources.Count];
        for (var i = 1; i < starts.Length; i++)
            starts[i] = starts[i - 1] + sources[i - 1].Labels.Count;
        var bySource = sources
            .Select(
                (source, index) =>
                    Enumerable
                        .Range(0, source.Classes.Count)
                        .Select(label => new TrainingClass(
                            [.. source.Labels.Index().Where(image => image.Item == label).Select(image => starts[index] + image.Index)],
                            [(index, label)]
                        ))
                        .ToArray()
            )
            .ToArray();
        foreach (var (source, classes) in sources.Zip(bySource))
            if (Array.FindIndex(classes, one => one.Images.Count < 2) is var poor and >= 0)
                throw new DistillationException(
                    $"{source.Name}: class '{source.Classes[poor]}' has {classes[poor].Images.Count} images; expected at least 2, a "
                        + "support image and a query."
                );

        var merged = sources
            .SelectMany(
                (source, index) =>
                    source.Classes.Select(
                        (name, label) => (Key: settings.MergesNames ? name : $"{index}/{label}", Class: bySource[index][label])
                    )
            )
            .GroupBy(entry => entry.Key, StringComparer.Ordinal)
            .Select(group => new TrainingClass(
                [.. group.SelectMany(entry => entry.Class.Images)],
                [.. group.SelectMany(entry => entry.Class.Teachers)]
            ))
            .ToArray();
        if (merged.Length < 2)
            throw new DistillationException("Expected at least two different classes, got one. Give more LoRAs.");
        var images = cat([.. sources.Select(source => source.Images.cpu())]);
        var softLabels =
            settings.AsksTeachers && sources.Any(source => source.Teacher is not null)
                ? SoftLabels.Ask(
                    model,
                    pixels,
                    images,
                    [.. sources.Select(source => source.Teacher)],
                    starts,
                    settings.OpinionShare > 0,
                    cancellation
                )
                : null;
        var saliency = sources.All(source => source.Saliency is not null)
            ? cat([.. sources.Select(source => source.Saliency!.cpu())])
            : null;
        var count = (int)images.shape[0];
        if (settings.DrawnCharacters > 0)
        {
            var drawings = DrawnCharacters.Draw(settings.DrawnCharacters, settings.Hands, (int)images.shape[2], settings.Seed);
            images = cat([images, drawings]);
            if (saliency is not null) saliency = cat([saliency, DrawnCharacters.Saliency(drawings, model.Config.PatchSize)]);
        }
        var drawn = Enumerable
            .Range(0, settings.DrawnCharacters)
            .Select(index => new TrainingClass([.. Enumerable.Range(count + (index * settings.Hands), settings.Hands)], []))
            .ToArray();
        return new TrainingSet(
            images,
            saliency,
            [.. bySource.Where((_, index) => sources[index].Teacher is not null)],
            merged,
            drawn,
            softLabels
        );
    }

    public void Dispose()
    {
        Images.Dispose();
        Saliency?.Dispose();
    }

    private static void Check(VisionTransformerConfig config, IReadOnlyList<TrainingSource> sources, DistillationSettings settings)
    {
        if (sources.Count == 0) throw new DistillationException("Expected at least one LoRA's images to distil from, got none.");
        var side = sources[0].Images.shape[2];
        foreach (var source in sources)
        {
            if (source.Images.shape[2] != side)
                throw new DistillationException(
                    $"{source.Name}: expected images of {side} pixels, like those of {sources[0].Name}, got {source.Images.shape[2]}. "
                        + "Invert all with the same canvas."
                );
            if (source.Images.shape[2] < config.ImageSize)
                throw new DistillationException(
                    $"{source.Name}: expected images of at least {config.ImageSize} pixels, got {source.Images.shape[2]}. The images "
                        + "were made for another model."
                );
            if (settings.Masks && source.Saliency is null)
                throw new DistillationException($"{source.Name}: no saliency to mask by; set the mask to 0.");
        }
    }
}
