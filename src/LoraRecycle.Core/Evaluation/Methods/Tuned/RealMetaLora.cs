using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Families.Lora;
using LoraRecycle.Core.DataSets;
using LoraRecycle.Core.Evaluation.Methods.Frozen;
using LoraRecycle.Core.Evaluation.Methods.Harness;
using LoraRecycle.Core.Foundation;
using LoraRecycle.Core.Method.Distillation;
using LoraRecycle.Core.Method.Distillation.Episodes;
using LoraRecycle.Core.Method.Distillation.Training;
using LoraRecycle.Core.Method.Inversion;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Evaluation.Methods.Tuned;

/// <summary>
/// A meta-LoRA trained as the method trains its own, but on real images of the training classes, then nearest prototypes:
/// what data would have given.
/// </summary>
public static class RealMetaLora
{
    public const string Name = "real-meta";

    /// <param name="training">How to train; there are no teachers, so every episode is interpolated.</param>
    public static IFewShotMethod Of(DistillationSettings training) =>
        new NearestPrototype(
            new FrozenModelChoice(
                Name,
                "meta-LoRA from real data",
                DataUse.RealData,
                (bench, progress, cancellation) => Train(bench, training, progress, cancellation),
                Described(training)
            )
        );

    /// <exception cref="DataSetException">The training classes make no episodes.</exception>
    internal static void RequireFits(IReadOnlyList<ImageClass> trainClasses)
    {
        if (trainClasses.Count < 2)
            throw new DataSetException($"Expected at least 2 training classes; got {trainClasses.Count}.");
        if (trainClasses.FirstOrDefault(c => c.Images.Count < 2) is { } small)
            throw new DataSetException(
                $"Training class '{small.Name}' has {small.Images.Count} image; expected at least 2, a support image and a query."
            );
    }

    private static Dictionary<string, string> Described(DistillationSettings training) =>
        new([
            new("iterations", AdamSteps.Text(training.Iterations)),
            new("episodesPerStep", AdamSteps.Text(training.EpisodesPerStep)),
            new("peakLearningRate", AdamSteps.Text(training.PeakLearningRate)),
            new("shots", string.Join(',', training.Shots)),
            new("ways", AdamSteps.Text(training.InterpolationWays)),
            new("queries", AdamSteps.Text(training.Queries)),
            new("rank", AdamSteps.Text(training.Rank)),
            new("targets", string.Join(',', training.Targets)),
            new("flips", training.Augmentation.Mirror ? "yes" : "no"),
        ]);

    private static Adapter Train(Bench bench, DistillationSettings training, IProgress<string>? progress, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var pixels = new PixelSpace(bench.Preprocessor, bench.Device);
        var labelled = bench
            .TrainClasses.Index()
            .SelectMany(c => c.Item.Images.Select(image => (Row: bench.Images.RowOf(image), Label: (long)c.Index)))
            .ToArray();
        var images = pixels
            .ToBytes(bench.Images.Pixels.index_select(0, tensor([.. labelled.Select(image => image.Row)], device: bench.Device)))
            .cpu();
        var source = new TrainingSource(
            "the training classes",
            images,
            [.. labelled.Select(image => image.Label)],
            [.. bench.TrainClasses.Select(c => c.Name)],
            Saliency: null,
            Teacher: null
        );
        using var result = new Distiller([bench.Model], bench.Preprocessor, [source], training).Run(
            progress: new InlineProgress<DistillationProgress>(
                step => progress?.Report($"training on real images, step {step.Iteration} of {step.Iterations}")
            ),
            cancellation: cancellation
        );
        // Distillation gives its result in host memory; it is merged where the model is.
        return new Adapter(MetaLoraFactory.Family, result.MetaLora.Revision, result.MetaLora.Layers.ToDictionary(
            layer => layer.Key, LayerAdapter (layer) => Moved((LoraLayer)layer.Value, layer.Key), StringComparer.Ordinal));

        LoraLayer Moved(LoraLayer layer, string name) => new(
            name, layer.A.detach().to(bench.Device, copy: true), layer.B.detach().to(bench.Device, copy: true), layer.Scale);
    }
}
