using System.Diagnostics;
using LoraRecycle.Core.Evaluation.Methods.Harness;
using LoraRecycle.Core.Evaluation.Methods.Tuned;
using LoraRecycle.Core.FewShot.Episodes;
using LoraRecycle.Core.Foundation;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Evaluation.Methods;

/// <summary>Runs methods one after another on the same episodes.</summary>
/// <param name="bench">What they work with.</param>
/// <param name="shapes">The episodes, a set for each shape.</param>
/// <param name="slowEpisodes">Full fine-tuning and the like run no more than this many of each set.</param>
public sealed class Comparison(Bench bench, IReadOnlyList<EpisodeSet> shapes, int slowEpisodes = int.MaxValue)
{
    private readonly Dictionary<EpisodeShape, double[]> _nearestPrototype = [];

    /// <param name="method">The next row. Nearest prototypes of the bare model come first where differences to them are wanted.</param>
    /// <param name="progress">Told after each batch of episodes.</param>
    /// <param name="cancellation">Heard at every step.</param>
    public MethodResult Run(IFewShotMethod method, IProgress<ComparisonProgress>? progress = null, CancellationToken cancellation = default)
    {
        var (results, started, prepared) = (new List<ShapeResult>(), Stopwatch.GetTimestamp(), 0.0);
        try
        {
            var stages = new InlineProgress<string>(stage => progress?.Report(new ComparisonProgress(method.Name, stage, 0, 1)));
            using var learner = method.Prepare(bench, stages, cancellation);
            prepared = Stopwatch.GetElapsedTime(started).TotalSeconds;
            foreach (var shape in shapes)
                results.Add(Run(method, learner, shape, progress, cancellation));
            return Result(failure: null);
        }
        catch (NonFiniteLogitsException wrong)
        {
            // A method that diverges is a result too; the others go on.
            return Result(wrong.Message);
        }

        MethodResult Result(string? failure) => new(method.Name, method.Title, method.Uses, method.Settings, prepared, results, failure);
    }

    private ShapeResult Run(
        IFewShotMethod method,
        IFewShotLearner learner,
        EpisodeSet all,
        IProgress<ComparisonProgress>? progress,
        CancellationToken cancellation
    )
    {
        using var scope = NewDisposeScope();
        var episodes = method is FullTuning && slowEpisodes < all.Count ? all.Part(0, slowEpisodes) : all;
        var (accuracies, batchSize, started) = (new List<double>(episodes.Count), learner.BatchSize(all.Shape), Stopwatch.GetTimestamp());
        while (accuracies.Count < episodes.Count)
        {
            cancellation.ThrowIfCancellationRequested();
            using var inner = NewDisposeScope();
            var part = episodes.Part(accuracies.Count, Math.Min(batchSize, episodes.Count - accuracies.Count));
            accuracies.AddRange(Accuracies(part, learner.Logits(part, cancellation)));
            progress?.Report(new ComparisonProgress(method.Name, $"{all.Shape.Shots}-shot", accuracies.Count, episodes.Count));
        }
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds / episodes.Count;
        var interval = AccuracyInterval.Of(accuracies);
        if (method.Name == MethodCatalog.NearestPrototypeName) _nearestPrototype[all.Shape] = [.. accuracies];
        var over = _nearestPrototype.TryGetValue(all.Shape, out var nearest)
            ? AccuracyInterval.Of([.. accuracies.Zip(nearest, (own, theirs) => own - theirs)])
            : null;
        return new ShapeResult(
            all.Shape.Ways,
            all.Shape.Shots,
            episodes.Count,
            interval.Mean,
            interval.HalfWidth,
            over?.Mean,
            over?.HalfWidth,
            seconds
        );
    }

    private static double[] Accuracies(EpisodeSet episodes, Tensor logits)
    {
        if (!logits.isfinite().all().item<bool>())
            throw new NonFiniteLogitsException(
                $"The method's answers are not finite from episode {episodes.First} on, {episodes.Shape.Shots}-shot: its tuning "
                    + "diverged. Lower its learning rate."
            );
        return logits.argmax(-1).eq(episodes.QueryLabels).to(float64).mean([1]).cpu().data<double>().ToArray();
    }

    private sealed class NonFiniteLogitsException(string message) : Exception(message);
}

/// <summary>Where a comparison is.</summary>
/// <param name="Method">The method under way.</param>
/// <param name="Stage">What it does.</param>
/// <param name="Done">Episodes done.</param>
/// <param name="Episodes">Episodes in all.</param>
public readonly record struct ComparisonProgress(string Method, string Stage, int Done, int Episodes);
